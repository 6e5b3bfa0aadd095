select
    invoice_no as order_source_id,
    upper(trim(stock_code)) as product_source_id,
    customer_id as customer_source_id,
    invoiced_at as ordered_at,
    quantity,
    {{ to_cents('quantity * unit_price') }} as sales_cents,
    case
        when invoice_no like 'A%' then 'an adjustment of the books'
        when quantity < 0 then 'a correction of the stock'
        when unit_price = 0 then 'given for nothing: a sample, a loss or a note'
    end as drop_reason,
    case when unit_price < 0 and invoice_no not like 'A%' then 'price below zero' end as quarantine_reason,
    load_id
from {{ source('online_retail', 'online_retail__transactions') }}
where invoice_no not like 'C%'
