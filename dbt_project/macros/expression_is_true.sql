{# A law of a table, as an SQL condition that every row meets; unknown counts as broken. #}
{% test expression_is_true(model, expression) %}
    select * from {{ model }}
    where not coalesce({{ expression }}, false)
{% endtest %}
