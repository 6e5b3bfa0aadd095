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
    `builds` its number of builds, the last one that was whole, its fingerprint and date, and how many keys were made anew (null where all
    were); `loads` and `read` what went into it; and the log `<model>`.
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
        {#- Rows without the key are made together, and only where they have changed: `or` keeps DuckDB from leaving out what it need not read. -#}
        {%- set changed = '({0} in (select changed_key from changed_keys)' ~ (' or {0} is null' if counted[1] else '') ~ ')' -%}
        {%- set code = modules.re.sub('/[*] only changed: (.+?) [*]/', 'and ' ~ changed | replace('{0}', '(\\1)'), compiled_code) -%}
        {%- set of_keys = changed | replace('{0}', key) -%}
        {% call statement('main') -%}
            create or replace temp table rows_made as
            {% if counted[0] %}select * from (
                {{ code }}
            ) as made where {{ of_keys }}
            {%- else %}select * from {{ target }} where false{% endif %}
        {%- endcall %}
        {% if counted[0] %}
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

    {% do changes_keep(build, build if not is_by_key and not is_compared else last[1], fingerprint, parents.models, entity, counted[0] if is_by_key else 'null') %}
    {{ run_hooks(post_hooks) }}
    {% do persist_docs(target, model) %}
    {% do adapter.commit() %}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
