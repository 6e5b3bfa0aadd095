"""Orders and what follows from them. Money of another currency is worth what its cents are at the rate of the day."""

from sample_shop.planting import numbered
from sample_shop.scoring.check import Check, customer, judged, raw

_ORDERS = "orders_at_rates as orders"
_IS_UNKNOWN = "is_planted('line_product_unknown', numbered('L', order_line_id))"
_UNKNOWN = numbered("P8", "lines.product_id % 100000", 5)
_TIMES_PAID = "if(is_planted('payment_mismatch', numbered('Z', payment_id)), 2, 1)"

CHECKS = [
    Check(
        "shop_db",
        "orders",
        refused=raw("order_id"),
        judged=judged("orders", "order_source_id"),
        found=f"""
            select order_id as source_key, coalesce(whose.customer_id, orders.customer_id) as customer_id, ordered_at, status, currency, channel
            from house.conformed.orders as orders {customer("orders.customer_id")}""",
        true=f"""
            select numbered('O', order_id) as source_key, customer_id, date_trunc('second', ordered_at) as ordered_at, status, currency, channel
            from {_ORDERS}""",
    ),
    # A line, and beside it what was sold of its product in its order: lines that were told twice would add up.
    Check(
        "shop_db",
        "order_lines",
        refused=raw("order_line_id"),
        judged=judged("order_lines", "order_line_source_id"),
        found="""
            select order_line_source_id as source_key, lines.order_source_id as order_id, lines.product_source_id as product_id, lines.ordered_at,
                lines.quantity, lines.sales_cents, lines.currency, sold.quantity as units_of_product, sold.sales_cents as cents_of_product
            from house.conformed.order_lines_judged as lines
            left join house.conformed.sold_lines as sold on lines.order_source_id = sold.order_id and lines.product_source_id = sold.product_id
            where lines.quarantine_reason is null and lines.drop_reason is null""",
        true=f"""
            select numbered('L', order_line_id) as source_key, numbered('O', order_id) as order_id, number as product_id, ordered_at, quantity,
                amount_cents as sales_cents, currency,
                cast(sum(quantity) over same_product as bigint) as units_of_product,
                cast(sum(if(status = 'cancelled', 0, round(amount_cents * rate))) over same_product as bigint) as cents_of_product
            from (
                select order_line_id, order_id, quantity, date_trunc('second', ordered_at) as ordered_at, status, rate, currency,
                    if({_IS_UNKNOWN}, {_UNKNOWN}, product_number(lines.product_id)) as number,
                    cast(round(quantity * unit_price_cents / rate) as bigint) as amount_cents
                from world.order_lines as lines join {_ORDERS} using (order_id)
            ) as lines
            window same_product as (partition by order_id, number)""",
    ),
    # Paid twice what the order comes to: it was paid all the same.
    Check(
        "shop_db",
        "payments",
        refused=raw("payment_id"),
        judged=judged("payments", "payment_source_id"),
        found="select payment_id as source_key, order_id, paid_at, amount_cents, currency, method from house.conformed.payments",
        true=f"""
            select numbered('Z', payment_id) as source_key, numbered('O', order_id) as order_id, date_trunc('second', paid_at) as paid_at,
                cast(round({_TIMES_PAID} * cast(round(amount_cents / rate) as bigint) * rate) as bigint) as amount_cents,
                currency, method
            from world.payments join {_ORDERS} using (order_id)""",
    ),
    Check(
        "shop_db",
        "shipments",
        refused=raw("shipment_id"),
        judged=judged("shipments", "shipment_source_id"),
        found="select shipment_id as source_key, order_id, shipped_at, delivered_at, carrier, country, region from house.conformed.shipments",
        true=f"""
            select numbered('S', shipment_id) as source_key, numbered('O', order_id) as order_id, date_trunc('second', shipped_at) as shipped_at,
                date_trunc('second', delivered_at) as delivered_at, carrier, country, left(homes.postcode, 2) as region
            from world.shipments
            join {_ORDERS} using (order_id)
            join world.people using (person_id)
            asof left join (
                select person_id, registered_at as valid_from, postcode from world.people
                union all
                select person_id, changed_at, postcode from world.profile_changes
            ) as homes on orders.person_id = homes.person_id and orders.ordered_at >= homes.valid_from""",
    ),
    # Where no reason was given, none is known.
    Check(
        "shop_db",
        "returns",
        refused=raw("return_id"),
        judged="""
            select return_source_id as source_key,
                coalesce(quarantine_reason, if(drop_reason is null and found.return_id is null, 'no sale to reverse', null)) as quarantine_reason,
                drop_reason
            from house.conformed.returns_judged as judged left join house.conformed.returns as found on found.return_id = judged.return_source_id""",
        found="select return_id as source_key, product_id, returned_at, units, units_matched, refund_cents, reason from house.conformed.returns",
        true="""
            select numbered('R', return_id) as source_key, product_number(product_id) as product_id, date_trunc('second', returned_at) as returned_at,
                quantity as units, quantity as units_matched, refund_cents,
                if(is_planted('return_reason_blank', numbered('R', return_id)), null, reason) as reason
            from world.returns""",
    ),
]
