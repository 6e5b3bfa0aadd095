{# Windows of the features, in days. The order history is bounded so that a build costs the same in the tenth year as in the second. #}
{% macro history_days() %}365{% endmacro %}
{% macro active_days() %}90{% endmacro %}
{% macro horizon_days() %}30{% endmacro %}

{# Days from one date to another; a row on the day before `to_date` is 1 day old. #}
{% macro days_between(from_date, to_date) -%}
    {{ dbt.datediff(from_date, to_date, 'day') }}
{%- endmacro %}

{# A count of events that fade with age: e^(-age / tau_days) each. Summed as millionths, in integers: a sum of floats depends on the order of threads. #}
{% macro decayed_count(age_days, tau_days) -%}
    cast(sum(cast(round(1e6 * exp(-{{ age_days }} / {{ tau_days }}e0)) as bigint)) / 1e6 as float)
{%- endmacro %}

{# a / b as a float, null where b is 0 or null. #}
{% macro ratio(a, b) -%}
    cast(cast({{ a }} as double) / nullif(cast({{ b }} as double), 0e0) as float)
{%- endmacro %}

{# How many rows are at most `days` old. #}
{% macro count_within(age_days, days) -%}
    cast(count(case when {{ age_days }} <= {{ days }} then 1 end) as integer)
{%- endmacro %}

{# The sum over rows at most `days` old, 0 where there is none. #}
{% macro sum_within(amount, age_days, days) -%}
    cast(coalesce(sum(case when {{ age_days }} <= {{ days }} then {{ amount }} end), 0) as bigint)
{%- endmacro %}

{# Standard deviation of a population from its count, sum and sum of squares, all integers: exact whatever the order of rows. #}
{% macro deviation(count_values, sum_values, sum_squares) -%}
    cast(sqrt(greatest(0e0,
        cast({{ sum_squares }} as double) / nullif({{ count_values }}, 0)
        - power(cast({{ sum_values }} as double) / nullif({{ count_values }}, 0), 2)
    )) as float)
{%- endmacro %}
