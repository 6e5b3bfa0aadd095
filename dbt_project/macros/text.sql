{# SHOUTED text as a sentence is written. #}
{% macro sentence_case(text) -%}
    upper(left({{ text }}, 1)) || lower(substr({{ text }}, 2))
{%- endmacro %}
