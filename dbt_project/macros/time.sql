{# The first day that is not known to the run; everything reads strictly before it. #}
{% macro as_of_date() -%}
    date '{{ var("as_of_date") }}'
{%- endmacro %}

{# The same moment in UTC: the shop's midnight. #}
{% macro as_of_timestamp() -%}
    {{ return(adapter.dispatch('as_of_timestamp')()) }}
{%- endmacro %}

{% macro default__as_of_timestamp() -%}
    (timestamp '{{ var("as_of_date") }} 00:00:00' at time zone '{{ var("timezone") }}' at time zone 'UTC')
{%- endmacro %}

{% macro spark__as_of_timestamp() -%}
    to_utc_timestamp(timestamp '{{ var("as_of_date") }} 00:00:00', '{{ var("timezone") }}')
{%- endmacro %}

{# The local calendar date of a UTC timestamp. #}
{% macro local_date(utc_timestamp) -%}
    {{ return(adapter.dispatch('local_date')(utc_timestamp)) }}
{%- endmacro %}

{% macro default__local_date(utc_timestamp) -%}
    cast({{ utc_timestamp }} at time zone 'UTC' at time zone '{{ var("timezone") }}' as date)
{%- endmacro %}

{% macro spark__local_date(utc_timestamp) -%}
    cast(from_utc_timestamp({{ utc_timestamp }}, '{{ var("timezone") }}') as date)
{%- endmacro %}
