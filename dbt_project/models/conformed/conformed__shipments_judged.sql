-- A shipment of an unknown order waits in quarantine until a later build finds the order.
with shipments as (
    {{ staged('shipments') }}
),

orders as (
    {{ orders_by_source() }}
),

completed as (
    select
        shipments.*,
        orders.order_source_id is null as is_orphan,
        coalesce(orders.is_unknown_yet, false) as is_order_unknown_yet
    from shipments
    left join orders on shipments.order_source_id = orders.order_source_id
)

select * from (
    {{ judged(
        'shipments',
        key=['shipment_source_id'],
        required=['shipment_source_id', 'order_source_id'],
        known_at="case when is_order_unknown_yet then " ~ end_of_time() ~ " else shipped_at end",
        checks=[
            ("shipped_at is null", "no time of shipment"),
            ("delivered_at < shipped_at", "delivered before it was shipped"),
            ("is_orphan", "order unknown"),
        ],
        rows='completed',
    ) }}
) as judged
