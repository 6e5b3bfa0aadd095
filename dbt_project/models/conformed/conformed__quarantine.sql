-- How many rows of which load, and why; never the rows themselves: they lie in landing, and what landing refused with the personal files.
{%- for entity in judged_entities() %}
select
    system,
    '{{ entity }}' as entity,
    load_id,
    quarantine_reason as reason,
    count(*) as count_rows
from {{ ref('conformed__' ~ entity ~ '_judged') }}
where quarantine_reason is not null
group by 1, 2, 3, 4
union all
{%- endfor %}
select
    returns.system,
    'returns' as entity,
    returns.load_id,
    'no sale to reverse' as reason,
    count(*) as count_rows
from {{ ref('conformed__returns_judged') }} as returns
left join {{ ref('conformed__returns') }} as reversed
    on returns.return_source_id = reversed.return_id and returns.product_source_id = reversed.product_id
where returns.quarantine_reason is null and returns.drop_reason is null and reversed.return_id is null
group by 1, 2, 3, 4
