-- A customer's country is that of the newest line.
select
    customer_id as customer_source_id,
    country,
    load_id
from {{ source('online_retail', 'online_retail__transactions') }}
where customer_id is not null and invoiced_at < {{ as_of_timestamp() }}
qualify row_number() over (partition by customer_id order by invoiced_at desc, country asc, load_id asc) = 1
