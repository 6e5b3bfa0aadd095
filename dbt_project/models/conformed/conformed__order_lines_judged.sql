-- A line that cannot be true is quarantined; one that the run may not know yet, or that came twice, is dropped.
with lines as (
    {{ staged('order_lines') }}
),

numbered as (
    select
        *,
        row_number() over (partition by system, order_source_id, product_source_id order by sales_cents desc, quantity desc, ordered_at asc) as copy_number
    from lines
)

select
    *,
    case
        when order_source_id is null or product_source_id is null or customer_source_id is null then 'no key'
        when ordered_at is null then 'no time of order'
        when quantity is null or quantity < 0 then 'quantity missing or negative'
        when sales_cents is null or sales_cents < 0 then 'sales missing or negative'
    end as quarantine_reason,
    case
        when order_date >= {{ as_of_date() }} then 'not known before as_of_date'
        when copy_number > 1 then 'another line of the same order and product'
    end as drop_reason
from numbered
