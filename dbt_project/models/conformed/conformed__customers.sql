{%- set golden = ['gender', 'loyalty_tier', 'has_marketing_consent'] %}
{%- set described = var('entities')['customers'].keys() | list %}
-- Of a customer of several accounts: the golden record where identity chose one, else what the newest account says; registered with the first. A
-- region that the shop itself tells is its own; of a postcode there are the first two characters.
with accounts as (
    select distinct
        customer_id,
        source_customer_id
    from {{ ref('conformed__customer_crosswalk') }}
),

told as (
    select
        accounts.customer_id,
        judged.*
    from {{ ref('conformed__customers_judged') }} as judged
    inner join accounts on judged.customer_source_id = accounts.source_customer_id
    where judged.quarantine_reason is null and judged.drop_reason is null
),

newest as (
    select * from told
    qualify row_number() over (partition by customer_id order by updated_at desc nulls last, system asc, customer_source_id asc) = 1
),

registered as (
    select
        customer_id,
        min(registered_at) as registered_at
    from told
    group by 1
),

known as (
    select distinct customer_id from accounts
)

select
    known.customer_id,
    {%- for column in described if column not in ('customer_source_id', 'updated_at', 'registered_at') %}
    {%- if column == 'region' %}
    coalesce(newest.region, attributes.region) as region,
    {%- else %}
    {{ 'coalesce(attributes.' ~ column ~ ', newest.' ~ column ~ ') as ' ~ column if column in golden else 'newest.' ~ column }},
    {%- endif %}
    {%- endfor %}
    registered.registered_at,
    attributes.birth_year_band,
    newest.customer_source_id is not null as has_demographics
from known
left join newest on known.customer_id = newest.customer_id
left join registered on known.customer_id = registered.customer_id
left join {{ source('identity', 'attributes') }} as attributes on known.customer_id = attributes.customer_id
