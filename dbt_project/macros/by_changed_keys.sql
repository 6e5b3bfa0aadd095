{#
    A table of which a build makes anew only the rows of the keys that something has happened to. A build from nothing gives the same rows.

    Why: a day's load is a thousandth of the history, so what it does not touch must cost nothing. Which keys it touches is found and not told,
    because a day is the wrong measure: a late row, a corrected file, a load withdrawn or replayed, an order that its lines waited for, a return
    of last year's sale all reach back. So each table remembers which loads it was made of, and every build logs the rows that came and went;
    whoever reads the table takes the keys of its own work from there. Each table remembers how far it has read, so a run that broke off
    anywhere is made good by the next one. Whatever the table cannot be sure of makes it whole.

    key          column by whose values rows are made anew. Without one the table is made whole each time, and compared: right for what is small
    from_loads   entity that is read from staging: the keys in loads that are new to the table or serve no more have changed
    changed_by   {model read: SQL for the keys that its changes touch}; in it {changes} stands for the rows that have come (step 1) and gone
                 (step -1) there since this table last read it, and {this} for this table
    times        timestamps of the table that the SQL compares with as_of_date: the keys of rows between the old and the new date have changed

    The SQL says with only_changed(column), where a condition may follow, what it need not read; without this materialization (in a unit
    test) it reads all. A table is made whole when the SQL, the staging views, dbt or DuckDB are others than last time, when a staging row
    is not made of one landed row alone, and when a model that is read was made whole or says not what has changed in it.

    Rows, what has been read, and what has changed are written in one transaction. Schema `changed` holds, of every such table:
    `builds` its number of builds, the last one that was whole, its fingerprint and date; `loads` and `read` what went into it; and the
    log `<model>`.
#}
{% macro only_changed(column) %}/* only changed: {{ column }} */{% endmacro %}

{% materialization by_changed_keys, default %}
    {%- set old = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set key = config.get('key') -%}
    {%- set entity = config.get('from_loads') -%}
    {%- set changed_by = config.get('changed_by', {}) -%}
    {%- set parents = changes_parents() -%}
    {% for name in parents.staging if key and name.split('__')[-1] != entity %}
        {{ exceptions.raise_compiler_error(model.name ~ " reads " ~ name ~ ", so from_loads must be its entity") }}
    {% endfor %}

    {{ run_hooks(pre_hooks) }}
    {% do changes_prepare() %}
    {%- set fingerprint = changes_fingerprint(parents.staging) -%}
    {%- set last = changes_row("select build, whole_build, fingerprint, as_of_date from changed.builds where model = '" ~ model.name ~ "'") -%}
    {%- set build = (last[0] if last else 0) + 1 -%}

    {%- set is_by_key = key and old is not none and old.is_table and last and last[2] == fingerprint and not should_full_refresh()
        and (not entity or changes_staged_row_by_row(parents.staging))
        and (config.get('times') or last[3] | string == var('as_of_date') or var('as_of_date') not in compiled_code)
        and changes_can_be_read(parents.models, changed_by) -%}
    {% if is_by_key and entity %}
        {% do changes_find_loads(entity) %}
        {%- set is_by_key = not changes_are_most(entity) -%}
    {% endif %}

    {% if is_by_key %}
        {% do changes_find_keys(key, entity, changed_by, last[3] | string) %}
        {%- set counted = changes_row('select count(*), count(*) - count(changed_key) from changed_keys') -%}
        {%- set code = modules.re.sub('/[*] only changed: (.+?) [*]/', 'and (\\1) in (select changed_key from changed_keys)', compiled_code) -%}
        {%- set code_of_null = modules.re.sub('/[*] only changed: (.+?) [*]/', 'and (\\1) is null', compiled_code) -%}
        {% call statement('main') -%}
            create or replace temp table rows_made as
            {% if counted[0] %}select * from (
                {{ code }}
            ) as made where {{ key }} in (select changed_key from changed_keys)
            {%- else %}select * from {{ target }} where false{% endif %}
        {%- endcall %}
        {% if counted[1] %}
            {% do changes_run('insert into rows_made by name select * from (' ~ code_of_null ~ '\n) as made where ' ~ key ~ ' is null') %}
        {% endif %}
        {% if counted[0] %}
            {%- set of_keys = '(' ~ key ~ ' in (select changed_key from changed_keys)' ~ (' or ' ~ key ~ ' is null' if counted[1] else '') ~ ')' -%}
            {% do changes_run('create or replace temp table rows_before as select * from ' ~ target ~ ' where ' ~ of_keys) %}
            {% do changes_log(build, 'rows_before', 'rows_made') %}
            {% do changes_run('delete from ' ~ target ~ ' where ' ~ of_keys) %}
            {% do changes_run('insert into ' ~ target ~ ' by name from rows_made') %}
        {% endif %}
    {% else %}
        {%- set new = make_intermediate_relation(target) -%}
        {% do drop_relation_if_exists(load_cached_relation(new)) %}
        {% call statement('main') -%}
            {{ create_table_as(False, new, compiled_code) }}
        {%- endcall %}
        {%- set is_compared = not key and old is not none and last and changes_same_columns(old, new) -%}
        {% if is_compared %}
            {% do changes_log(build, old, new) %}
        {% else %}
            {% do changes_new_log(new) %}
        {% endif %}
        {% if old is not none %}{% do adapter.drop_relation(old) %}{% endif %}
        {% do adapter.rename_relation(new, target) %}
        {% if entity %}{% do changes_find_loads(entity) %}{% endif %}
    {% endif %}

    {% do changes_keep(build, build if not is_by_key and not is_compared else last[1], fingerprint, parents.models, entity) %}
    {{ run_hooks(post_hooks) }}
    {% do persist_docs(target, model) %}
    {% do adapter.commit() %}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

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
    {% do changes_run('create table if not exists changed.builds (model varchar, build bigint, whole_build bigint, fingerprint varchar, as_of_date date)') %}
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

{% macro changes_keep(build, whole_build, fingerprint, models, entity) -%}
    {%- set me = "'" ~ model.name ~ "'" -%}
    {% do changes_run('delete from changed.builds where model = ' ~ me) %}
    {% do changes_run(
        'insert into changed.builds values (' ~ me ~ ', ' ~ build ~ ', ' ~ whole_build ~ ", '" ~ fingerprint ~ "', date '" ~ var('as_of_date') ~ "')"
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
