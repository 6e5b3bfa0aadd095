-- What a line is worth is in the currency of its order.
with tests as (
    select distinct order_id from {{ source('shop_db', 'shop_db__orders') }}
    where lower(trim(channel)) = 'test'
),

read_lines as (
    select
        *,
        {{ written_amount('amount') }} as sales,
        {{ written_amount('list_price') }} as price
    from {{ source('shop_db', 'shop_db__order_lines') }}
)

select
    read_lines.order_id as order_source_id,
    read_lines.order_line_id as order_line_source_id,
    {{ product_number('read_lines.product_code') }} as product_source_id,
    read_lines.quantity,
    {{ to_cents('read_lines.sales') }} as sales_cents,
    greatest(0, {{ to_cents('read_lines.price * read_lines.quantity - read_lines.sales') }}) as retail_discount_cents,
    read_lines.updated_at,
    case
        when read_lines.sales is null then 'no readable amount'
        when read_lines.sales <= 0 then 'sold for nothing or less'
        when read_lines.sales > 2 * read_lines.price * read_lines.quantity + 1 then 'sold for more than twice its list price'
    end as quarantine_reason,
    case when tests.order_id is not null then 'a test of the shop' end as drop_reason,
    read_lines.load_id
from read_lines
left join tests on read_lines.order_id = tests.order_id
