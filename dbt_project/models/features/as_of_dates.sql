{% set dates = var('as_of_dates', []) | unique | sort %}
{% set known_until = var('as_of_date', none) %}

with

asked_dates as (

    {% for as_of_date in dates %}
    select cast('{{ as_of_date }}' as date) as as_of_date
    {{ 'union all' if not loop.last }}
    {% else %}
    select cast(null as date) as as_of_date
    where 1 = 0
    {% endfor %}

),

windows as (

    select
        as_of_date,
        cast(as_of_date - interval {{ history_days() }} day as date) as history_from_date,
        cast(as_of_date - interval {{ long_history_days() }} day as date) as long_history_from_date,
        cast(as_of_date - interval {{ active_days() }} day as date) as active_from_date,
        cast(as_of_date + interval {{ horizon_days() }} day as date) as label_until_date
    from asked_dates

)

select
    *,
    {% if known_until %}label_until_date <= cast('{{ known_until }}' as date){% else %}false{% endif %} as is_label_known,
    cast(row_number() over (order by as_of_date desc) as integer) as recency_rank
from windows
