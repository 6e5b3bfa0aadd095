-- What customers and categories do is learned from closer dates than pairs and products, of which there are many more on each: a weekday, a
-- holiday, a customer who stays away are seen seldom, and from another distance on each date. The windows of such dates overlap.
{% set days_before_cut_offs = [10, 20] %}
{% set windows = ['as_of_date', 'history_from_date', 'active_from_date', 'label_until_date'] %}

with

as_of_dates as (select * from {{ ref('as_of_dates') }}),

-- But the oldest, before which the history is too short.
learned_from as (

    select *
    from as_of_dates
    where is_label_known and as_of_date > (select min(oldest.as_of_date) from as_of_dates as oldest)

),

between_dates as (

    {% for days in days_before_cut_offs %}
    select
        {% for column in windows %}
        cast({{ column }} - interval {{ days }} day as date) as {{ column }},
        {% endfor %}
        true as is_label_known,
        false as is_cut_off,
        false as has_pairs
    from learned_from
    {{ 'union' if not loop.last }}
    {% endfor %}

)

select
    {% for column in windows %}
    {{ column }},
    {% endfor %}
    is_label_known,
    true as is_cut_off,
    recency_rank <= {{ var('pair_dates', 6) }} as has_pairs
from as_of_dates
union all
select
    {% for column in windows %}
    between_dates.{{ column }},
    {% endfor %}
    between_dates.is_label_known,
    between_dates.is_cut_off,
    between_dates.has_pairs
from between_dates
left join as_of_dates
    on between_dates.as_of_date = as_of_dates.as_of_date
where as_of_dates.as_of_date is null
