{# Windows of the features, in days. The order history is bounded so that a build costs the same in the tenth year as in the second. #}
{% macro history_days() %}365{% endmacro %}
{# What somebody likes shows in few purchases over long: counts without an age look back further. #}
{% macro long_history_days() %}1095{% endmacro %}
{% macro active_days() %}90{% endmacro %}
{% macro horizon_days() %}30{% endmacro %}
{# A product is new this long after its launch, or after its first sale. #}
{% macro new_days() %}30{% endmacro %}

{#
    What ml/neighbours.py found: matrix products that SQL is slow at. It lies in the features' own schema, beside the models.
    Where nobody looked for neighbours (a unit test), there are none.
#}
{% macro neighbours_found() -%}
    {%- set found = none -%}
    {%- if execute -%}
        {%- set found = load_relation(api.Relation.create(
            database=target.database, schema=var('features_schema', 'features'), identifier='neighbours'
        )) -%}
    {%- endif -%}
    {%- if found is not none -%}
        {{ found }}
    {%- else -%}
        (
            select
                cast(null as date) as as_of_date,
                cast(null as varchar) as customer_id,
                cast(null as varchar) as product_id,
                cast(null as float) as of_products_score,
                cast(null as integer) as of_products_rank,
                cast(null as float) as of_customers_score,
                cast(null as integer) as of_customers_rank
            where 1 = 0
        )
    {%- endif -%}
{%- endmacro %}

{# Days from one date to another; a row on the day before `to_date` is 1 day old. #}
{% macro days_between(from_date, to_date) -%}
    {{ dbt.datediff(from_date, to_date, 'day') }}
{%- endmacro %}

{# The date so many days before. #}
{% macro days_before(from_date, days) -%}
    cast({{ from_date }} - interval {{ days }} day as date)
{%- endmacro %}

{# A count of events that fade with age: e^(-age / tau_days) each. Summed as millionths, in integers: a sum of floats depends on the order of threads. #}
{% macro decayed_count(age_days, tau_days) -%}
    cast(sum(cast(round(1e6 * exp(-{{ age_days }} / {{ tau_days }}e0)) as bigint)) / 1e6 as float)
{%- endmacro %}

{# a / b as a float, null where b is 0 or null. #}
{% macro ratio(a, b) -%}
    cast(cast({{ a }} as double) / nullif(cast({{ b }} as double), 0e0) as float)
{%- endmacro %}

{# How much more of something a customer buys than customers do: of so many lines, against its share of all lines; as if 20 usual lines came first. #}
{% macro lift(count_own, count_all, share_of_all) -%}
    {{ ratio('coalesce(' ~ count_own ~ ', 0) + 20 * ' ~ share_of_all, '(coalesce(' ~ count_all ~ ', 0) + 20) * ' ~ share_of_all) }}
{%- endmacro %}

{# Where a product has no category it stands with its department. #}
{% macro own_category() -%}
    coalesce(category, department, 'unknown')
{%- endmacro %}

{# How many others of the customer's are younger, of rows grouped: habits fade with what took their place, rather than with time. #}
{% macro others_since(age_days) -%}
    cast(rank() over (partition by as_of_date, customer_id order by {{ age_days }}) - 1 as integer)
{%- endmacro %}

{# How many rows are at most `days` old. #}
{% macro count_within(age_days, days) -%}
    cast(count(case when {{ age_days }} <= {{ days }} then 1 end) as integer)
{%- endmacro %}

{# The sum over rows at most `days` old, 0 where there is none. #}
{% macro sum_within(amount, age_days, days) -%}
    cast(coalesce(sum(case when {{ age_days }} <= {{ days }} then {{ amount }} end), 0) as bigint)
{%- endmacro %}

{# Days that what lasted from one age to another (its first day is the older) has in a window of ages; an age below 1 is a day to come. #}
{% macro days_within(oldest_age, newest_age, from_age, to_age) -%}
    greatest(0, least({{ oldest_age }}, {{ to_age }}) - greatest({{ newest_age }}, {{ from_age }}) + 1)
{%- endmacro %}

{# Standard deviation of a population from its count, sum and sum of squares, all integers: exact whatever the order of rows. #}
{% macro deviation(count_values, sum_values, sum_squares) -%}
    cast(sqrt(greatest(0e0,
        cast({{ sum_squares }} as double) / nullif({{ count_values }}, 0)
        - power(cast({{ sum_values }} as double) / nullif({{ count_values }}, 0), 2)
    )) as float)
{%- endmacro %}

{# A category within its department, as the sales forecast names it: what stands before the last ' / ' is the department. #}
{% macro category_key(department, category) -%}
    concat(coalesce({{ department }}, 'unknown'), ' / ', replace(coalesce({{ category }}, 'unknown'), ' / ', '/'))
{%- endmacro %}

{# 0 on a Monday. #}
{% macro weekday(day) -%}
    mod({{ days_between("date '2001-01-01'", day) }}, 7)
{%- endmacro %}

{# Days on which a product must have sold in the active window for a daily forecast of its own. #}
{% macro regular_sale_days() %}30{% endmacro %}

{# Whether the shop's source of sales declares the day as closed: dates as MM-DD or YYYY-MM-DD. #}
{% macro is_closed(day) -%}
    {%- set text = "cast(cast(" ~ day ~ " as date) as " ~ dbt.type_string() ~ ")" -%}
    {%- set dates = var('closed_dates', []) -%}
    {%- if dates -%}
        ({{ text }} in ('{{ dates | join("', '") }}') or substr({{ text }}, 6) in ('{{ dates | join("', '") }}'))
    {%- else -%}
        false
    {%- endif -%}
{%- endmacro %}
