with described as (
    {{ staged('customers') }}
    qualify row_number() over (
        partition by system, customer_source_id
        order by age_band, income_band, home_ownership, marital_status, household_size, household_composition, kids_count
    ) = 1
),

crosswalk as (
    select * from {{ ref('conformed__customer_crosswalk') }}
)

select
    crosswalk.customer_id,
    described.age_band,
    described.income_band,
    described.home_ownership,
    described.marital_status,
    described.household_size,
    described.household_composition,
    described.kids_count,
    described.customer_source_id is not null as has_demographics
from crosswalk
left join described
    on crosswalk.system = described.system and crosswalk.source_customer_id = described.customer_source_id
