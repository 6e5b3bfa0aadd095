-- A payment of an unknown order waits in quarantine until a later build finds the order. Its money is worth what the order's was on the day of the order.
with payments as (
    {{ staged('payments') }}
),

orders as (
    {{ orders_by_source() }}
),

completed as (
    select
        payments.*,
        orders.ordered_at,
        orders.order_source_id is null as is_orphan,
        coalesce(orders.is_unknown_yet, false) as is_order_unknown_yet,
        upper(coalesce(payments.currency, orders.currency, '{{ var("currency") }}')) as paid_currency
    from payments
    left join orders on payments.order_source_id = orders.order_source_id
),

converted as (
    select
        completed.*,
        rates.rate
    from completed
    left join {{ ref('conformed__exchange_rates') }} as rates
        on {{ rate_of('completed.paid_currency', 'coalesce(completed.ordered_at, completed.paid_at)') }}
)

select * from (
    {{ judged(
        'payments',
        key=['payment_source_id'],
        required=['payment_source_id', 'order_source_id'],
        known_at="case when is_order_unknown_yet then " ~ end_of_time() ~ " else paid_at end",
        checks=[
            ("paid_at is null", "no time of payment"),
            ("amount_cents is null or amount_cents = 0", "amount missing or zero"),
            ("is_orphan", "order unknown"),
            ("rate is null and not is_order_unknown_yet", "no exchange rate for its currency"),
        ],
        rows='converted',
        keep=['paid_currency', 'rate'],
    ) }}
) as judged
