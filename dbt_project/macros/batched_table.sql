{#
    A table that is filled batch by batch, so that memory is bounded by the batch and not by the number of customers.
    The model named by `batches` has as_of_date and batch_number (null: in none); the model's SQL restricts itself to one of them with in_this_batch().
    Without this materialization (in a unit test) all batches are one.
#}
{% macro in_this_batch(alias) %}/* in this batch of {{ alias }} */{% endmacro %}

{% materialization batched_table, default %}
    {%- set old = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set new = make_intermediate_relation(target) -%}
    {%- set batches = ref(config.require('batches')) -%}
    {%- set alias = config.require('batches') -%}
    {%- set marker = in_this_batch(alias) -%}

    {{ run_hooks(pre_hooks) }}
    {% do drop_relation_if_exists(load_cached_relation(new)) %}

    {% call statement('main') -%}
        {{ create_table_as(False, new, compiled_code | replace(marker, 'and false')) }}
    {%- endcall %}
    {%- set columns = adapter.get_columns_in_relation(new) | map(attribute='name') | join(', ') -%}

    {%- set found = run_query('select distinct as_of_date, batch_number from ' ~ batches ~ ' where batch_number is not null order by as_of_date, batch_number') -%}
    {% for batch in found.rows %}
        {%- set only = 'and ' ~ alias ~ ".as_of_date = date '" ~ batch[0] ~ "' and " ~ alias ~ '.batch_number = ' ~ batch[1] -%}
        {% call statement('batch_' ~ loop.index) -%}
            insert into {{ new }} ({{ columns }})
            select {{ columns }} from ({{ compiled_code | replace(marker, only) }}) as batch
        {%- endcall %}
    {% endfor %}

    {% if old is not none %}{% do adapter.drop_relation(old) %}{% endif %}
    {% do adapter.rename_relation(new, target) %}
    {{ run_hooks(post_hooks) }}
    {% do persist_docs(target, model) %}
    {% do adapter.commit() %}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}
