{# What the materialization by_changed_keys asks and keeps: parents, loads, keys, and the log of changes, in the schema `changed`. #}

{# Builds whose changes are kept. Who has not read a table for longer reads it whole. #}
{% macro changes_kept_builds() %}60{% endmacro %}

{% macro changes_run(sql) -%}
    {% call statement('changes') -%}{{ sql }}{%- endcall %}
{%- endmacro %}

{% macro changes_row(sql) -%}
    {% call statement('changes_row', fetch_result=true) -%}{{ sql }}{%- endcall %}
    {%- set rows = load_result('changes_row').data -%}
    {{ return(rows[0] if rows else none) }}
{%- endmacro %}

{% macro changes_prepare() -%}
    {% do changes_run('create schema if not exists changed') %}
    {% do changes_run('create table if not exists changed.builds (model varchar, build bigint, whole_build bigint, fingerprint varchar, as_of_date date, count_keys bigint)') %}
    {% do changes_run('create table if not exists changed.loads (model varchar, system varchar, entity varchar, load_id varchar, data_sha256 varchar)') %}
    {% do changes_run('create table if not exists changed.read (model varchar, parent varchar, build bigint)') %}
{%- endmacro %}

{# What the model reads: staging views, and other models. #}
{% macro changes_parents() -%}
    {%- set found = {'staging': [], 'models': []} -%}
    {%- for id in model.depends_on.nodes if id.startswith('model.') -%}
        {%- set name = id.split('.')[-1] -%}
        {%- do found['staging' if name.startswith('stg_') else 'models'].append(name) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# Of all that makes the rows what they are, beside the rows that are read; the run's date stands for any date. #}
{% macro changes_fingerprint(staging) -%}
    {%- set version = changes_row('select version()')[0] -%}
    {%- set how = [config.get('key'), config.get('from_loads'), config.get('changed_by'), config.get('times'), dbt_version, version] | string -%}
    {{ return(local_md5((compiled_code ~ changes_staging_sql(staging) | join(';') ~ how) | replace(var('as_of_date'), 'as_of_date'))) }}
{%- endmacro %}

{% macro changes_staging_sql(staging) -%}
    {% call statement('changes_views', fetch_result=true) -%}
        select sql from duckdb_views() where schema_name = 'staging' and view_name in ('{{ staging | join("', '") }}') order by view_name
    {%- endcall %}
    {{ return(load_result('changes_views').data | map(attribute=0) | list) }}
{%- endmacro %}

{#
    Whether each row of the staging views is made of one landed row alone, on any date, and keeps its load_id: then a load's rows change
    with the load, and only then. Read from the SQL; what is not certain counts as no.
#}
{% macro changes_staged_row_by_row(staging) -%}
    {%- set sqls = changes_staging_sql(staging) -%}
    {%- set found = {'is': sqls | length == staging | length} -%}
    {%- for sql in sqls -%}
        {%- set words = modules.re.sub("'[^']*'", "''", sql) | lower -%}
        {%- if var('as_of_date') in sql or words.count('landing.') != 1 or words.count('staging.') != 1 or ' as load_id' in words
            or modules.re.findall('\\bfrom\\b', words) | length != 1
            or modules.re.search('\\b(join|group|distinct|qualify|over|limit|sample|now|today|current_\\w+|random|uuid|nextval)\\b', words) -%}
            {%- do found.update({'is': false}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found.is) }}
{%- endmacro %}

{# Whether every model that is read says what has changed in it since it was read last. #}
{% macro changes_can_be_read(models, changed_by) -%}
    {%- set found = {'can': true} -%}
    {%- for name in models -%}
        {%- set parent = changes_row(
            "select builds.build, builds.whole_build, read.build from changed.builds inner join changed.read on builds.model = read.parent
            where builds.model = '" ~ name ~ "' and read.model = '" ~ model.name ~ "'"
        ) -%}
        {%- if name not in changed_by or not parent or parent[2] < parent[1] or parent[2] < parent[0] - changes_kept_builds() | int -%}
            {%- do found.update({'can': false}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found.can) }}
{%- endmacro %}

{# The loads that serve now, those of them that the table does not know, and those that it knows and that serve no more. #}
{% macro changes_find_loads(entity) -%}
    {%- set systems = "('" ~ var('staged').get(entity, []) | join("', '") ~ "')" -%}
    {% do changes_run(
        'create or replace temp table loads_now as select distinct system, entity, load_id, data_sha256 from landing.loads where system in ' ~ systems
    ) %}
    {%- set known = "(select system, entity, load_id, data_sha256 from changed.loads where model = '" ~ model.name ~ "')" -%}
    {% do changes_run('create or replace temp table loads_new as from loads_now except from ' ~ known) %}
    {% do changes_run('create or replace temp table loads_gone as from ' ~ known ~ ' except from loads_now') %}
{%- endmacro %}

{# Whether so much is new or gone that the table is made faster as a whole. #}
{% macro changes_are_most(entity) -%}
    {%- set counted = changes_row(
        'select (select count(*) from (' ~ staged(entity) ~ ') as staged_rows where load_id in (select load_id from loads_new))
            + (select count(*) from ' ~ this ~ ' where load_id in (select load_id from loads_gone)) > 0.5 * (select count(*) from ' ~ this ~ ')'
    ) -%}
    {{ return(counted[0]) }}
{%- endmacro %}

{% macro changes_find_keys(key, entity, changed_by, old_date) -%}
    {%- set parts = [] -%}
    {%- if entity -%}
        {%- do parts.append('select ' ~ key ~ ' as changed_key from (' ~ staged(entity) ~ ') as staged_rows where load_id in (select load_id from loads_new)') -%}
        {%- do parts.append('select ' ~ key ~ ' from ' ~ this ~ ' where load_id in (select load_id from loads_gone)') -%}
    {%- endif -%}
    {%- for parent, sql in changed_by.items() -%}
        {%- set read = "(select build from changed.read where model = '" ~ model.name ~ "' and parent = '" ~ parent ~ "')" -%}
        {%- set changes = '(select * exclude (build) from changed.' ~ parent ~ ' where build > ' ~ read ~ ')' -%}
        {%- do parts.append('select * from (' ~ sql | replace('{changes}', changes) | replace('{this}', this | string) ~ ') as touched(changed_key)') -%}
    {%- endfor -%}
    {%- if old_date != var('as_of_date') -%}
        {#- A day more on both sides, whatever the time zone. -#}
        {%- set first, last = [old_date, var('as_of_date')] | min, [old_date, var('as_of_date')] | max -%}
        {%- for time in config.get('times', []) -%}
            {%- do parts.append(
                'select ' ~ key ~ ' from ' ~ this ~ ' where ' ~ time ~ " >= timestamp '" ~ first ~ "' - interval 1 day and "
                ~ time ~ " < timestamp '" ~ last ~ "' + interval 1 day"
            ) -%}
        {%- endfor -%}
    {%- endif -%}
    {% do changes_run('create or replace temp table changed_keys as select distinct changed_key from (' ~ parts | join(' union all ') ~ ') as touched') %}
{%- endmacro %}

{# What is more often in one of two relations than in the other; counted in one pass, where `except all` would number the rows of both. #}
{% macro changes_log(build, before, after) -%}
    {%- set log = 'changed.' ~ model.name -%}
    {% do changes_run('delete from ' ~ log ~ ' where build < ' ~ (build - changes_kept_builds() | int)) %}
    {% do changes_run(
        'insert into ' ~ log ~ ' by name select * exclude (side), ' ~ build ~ ' as build, cast(sum(side) as bigint) as step
        from (select 1 as side, * from ' ~ after ~ ' union all by name select -1 as side, * from ' ~ before ~ ') as sides
        group by all
        having sum(side) <> 0'
    ) %}
{%- endmacro %}

{% macro changes_new_log(relation) -%}
    {% do changes_run(
        'create or replace table changed.' ~ model.name ~ ' as select cast(0 as bigint) as build, cast(0 as bigint) as step, * from '
        ~ relation ~ ' where false'
    ) %}
{%- endmacro %}

{% macro changes_same_columns(old, new) -%}
    {%- set columns = [] -%}
    {%- for relation in (old, new) -%}
        {%- do columns.append(adapter.get_columns_in_relation(relation) | map(attribute='name') | list
            + adapter.get_columns_in_relation(relation) | map(attribute='dtype') | list) -%}
    {%- endfor -%}
    {{ return(columns[0] == columns[1]) }}
{%- endmacro %}

{% macro changes_keep(build, whole_build, fingerprint, models, entity, count_keys) -%}
    {%- set me = "'" ~ model.name ~ "'" -%}
    {% do changes_run('delete from changed.builds where model = ' ~ me) %}
    {% do changes_run(
        'insert into changed.builds values (' ~ me ~ ', ' ~ build ~ ', ' ~ whole_build ~ ", '" ~ fingerprint ~ "', date '" ~ var('as_of_date') ~ "', " ~ count_keys ~ ")"
    ) %}
    {% do changes_run('delete from changed.read where model = ' ~ me) %}
    {% if models %}
        {% do changes_run(
            'insert into changed.read select ' ~ me ~ ", model, build from changed.builds where model in ('" ~ models | join("', '") ~ "')"
        ) %}
    {% endif %}
    {% if entity %}
        {% do changes_run('delete from changed.loads where model = ' ~ me ~ ' and (system, entity, load_id, data_sha256) not in (from loads_now)') %}
        {% do changes_run(
            'insert into changed.loads select ' ~ me ~ ', * from (from loads_now except select system, entity, load_id, data_sha256 from changed.loads where model = '
            ~ me ~ ') as added'
        ) %}
    {% endif %}
{%- endmacro %}
