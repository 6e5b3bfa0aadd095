{# SHOUTED text as a sentence is written. #}
{% macro sentence_case(text) -%}
    upper(left({{ text }}, 1)) || lower(substr({{ text }}, 2))
{%- endmacro %}

{# Whether a text holds the pattern somewhere; the pattern without backslashes. #}
{% macro matches(text, pattern) -%}
    {{ return(adapter.dispatch('matches')(text, pattern)) }}
{%- endmacro %}

{% macro default__matches(text, pattern) -%}
    regexp_matches({{ text }}, '{{ pattern }}')
{%- endmacro %}

{% macro spark__matches(text, pattern) -%}
    ({{ text }} rlike '{{ pattern }}')
{%- endmacro %}
