{{ config(
    materialized='by_changed_keys',
    key='return_id',
    changed_by={
        'conformed__returns_judged': 'select return_source_id from {changes}',
        'conformed__return_matches': 'select return_id from {changes}',
        'conformed__customer_ids': rows_of_moved_customers('return_id'),
    },
) }}
-- A return of which no unit fits a sale is quarantined: the sale may lie before the shop's first day, or its customer is unknown.
select
    returns.return_source_id as return_id,
    returns.product_source_id as product_id,
    {{ customer_of('returns.customer_source_id') }} as customer_id,
    returns.returned_at,
    {{ local_date('returns.returned_at') }} as return_date,
    returns.quantity as units,
    matched.units as units_matched,
    coalesce(returns.refund_cents, 0) as refund_cents,
    returns.reason
from {{ ref('conformed__returns_judged') }} as returns
inner join (
    select
        return_id,
        product_id,
        cast(sum(units) as bigint) as units
    from {{ ref('conformed__return_matches') }}
    where true {{ only_changed('return_id') }}
    group by 1, 2
) as matched on returns.return_source_id = matched.return_id and returns.product_source_id = matched.product_id
left join {{ ref('conformed__customer_ids') }} as customer_ids on returns.customer_source_id = customer_ids.source_customer_id
where returns.quarantine_reason is null and returns.drop_reason is null {{ only_changed('returns.return_source_id') }}
