select
    system,
    'order_lines' as entity,
    quarantine_reason as reason,
    order_source_id || '/' || product_source_id as source_key
from {{ ref('conformed__order_lines_judged') }}
where quarantine_reason is not null
