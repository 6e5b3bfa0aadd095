select
    invoice_no || '/' || quantity || '/' || unit_price as return_source_id,
    upper(trim(stock_code)) as product_source_id,
    customer_id as customer_source_id,
    invoiced_at as returned_at,
    -quantity as quantity,
    {{ to_cents('-quantity * unit_price') }} as refund_cents,
    case when upper(trim(stock_code)) in ('D', 'M', 'AMAZONFEE', 'BANK CHARGES', 'CRUK', 'S', 'POST', 'DOT') then 'money, not goods' end as drop_reason,
    load_id
from {{ source('online_retail', 'online_retail__transactions') }}
where invoice_no like 'C%'
