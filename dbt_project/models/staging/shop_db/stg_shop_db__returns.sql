-- No more can come back than were sold; of a line that stands there in several versions the largest counts.
with read_returns as (
    select
        *,
        {{ product_number('product_code') }} as product_source_id
    from {{ source('shop_db', 'shop_db__returns') }}
),

returned_lines as (
    select
        lines.order_line_id,
        lines.order_id,
        {{ product_number('lines.product_code') }} as product_source_id,
        max(lines.quantity) as quantity
    from {{ source('shop_db', 'shop_db__order_lines') }} as lines
    semi join read_returns on lines.order_id = read_returns.order_id
    group by 1, 2, 3
),

sold as (
    select
        order_id,
        product_source_id,
        sum(quantity) as units
    from returned_lines
    group by 1, 2
)

select
    read_returns.return_id as return_source_id,
    read_returns.order_id as order_source_id,
    read_returns.product_source_id,
    read_returns.returned_at,
    read_returns.quantity,
    {{ to_cents(written_amount('read_returns.refund_eur')) }} as refund_cents,
    {{ said('read_returns.reason') }} as reason,
    read_returns.updated_at,
    case when read_returns.quantity > sold.units then 'more units than were sold' end as quarantine_reason,
    read_returns.load_id
from read_returns
left join sold on read_returns.order_id = sold.order_id and read_returns.product_source_id = sold.product_source_id
