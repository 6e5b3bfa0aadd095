{{ config(materialized='by_changed_keys') }}
-- Only the ids that are not their customer's own: all others are called as their source's.
select
    subject_id as source_customer_id,
    customer_id
from {{ source('identity', 'crosswalk') }}
where subject_id <> customer_id
