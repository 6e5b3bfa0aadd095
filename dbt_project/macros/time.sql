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

{# Whole seconds from one timestamp to another; below zero where the second is earlier. #}
{% macro seconds_between(earlier, later) -%}
    {{ return(adapter.dispatch('seconds_between')(earlier, later)) }}
{%- endmacro %}

{% macro default__seconds_between(earlier, later) -%}
    date_diff('second', {{ earlier }}, {{ later }})
{%- endmacro %}

{% macro spark__seconds_between(earlier, later) -%}
    (unix_timestamp({{ later }}) - unix_timestamp({{ earlier }}))
{%- endmacro %}

{# A timestamp moved by whole seconds. #}
{% macro plus_seconds(timestamp, seconds) -%}
    {{ return(adapter.dispatch('plus_seconds')(timestamp, seconds)) }}
{%- endmacro %}

{% macro default__plus_seconds(timestamp, seconds) -%}
    {{ timestamp }} + to_seconds({{ seconds }})
{%- endmacro %}

{% macro spark__plus_seconds(timestamp, seconds) -%}
    timestampadd(second, {{ seconds }}, {{ timestamp }})
{%- endmacro %}

{# A timestamp moved by microseconds. #}
{% macro plus_microseconds(timestamp, microseconds) -%}
    {{ return(adapter.dispatch('plus_microseconds')(timestamp, microseconds)) }}
{%- endmacro %}

{% macro default__plus_microseconds(timestamp, microseconds) -%}
    {{ timestamp }} + to_microseconds({{ microseconds }})
{%- endmacro %}

{% macro spark__plus_microseconds(timestamp, microseconds) -%}
    timestampadd(microsecond, {{ microseconds }}, {{ timestamp }})
{%- endmacro %}

{# The end of what is still true. #}
{% macro end_of_time() -%}
    timestamp '9999-12-31'
{%- endmacro %}
