"""After the marts: do the tables agree with each other, with what landed, and with the run's date?"""

from expectations import beyond_sales
from expectations.suite import Suite, Tables, Words, every_row, no_rows, not_negative, not_null, one_of, warn
from forecart import dbt
from forecart.run import Run

LINE_TYPES = ("sale", "free", "cancelled", "adjustment", "fuel")


def suites(run: Run, tables: Tables) -> list[Suite]:
    as_of = f"date '{run.as_of_date}'"
    staged = set(dbt.staged(run.shop))
    return [
        reconciliation(staged),
        customers(as_of),
        products(as_of),
        orders(as_of, run.shop.timezone),
        order_lines(as_of),
        daily_product_sales(as_of),
        returns(as_of),
        promotions(as_of, dbt.planned_days(run.shop)),
        sources("customer"),
        sources("product"),
        *beyond_sales.suites(run, staged),
    ]


def reconciliation(staged: set[str]) -> Suite:
    entities = ", ".join(f"'{entity}'" for entity in sorted(staged)) or "''"
    return Suite(
        "conformed.reconciliation",
        key=("entity",),
        expects=[
            every_row("landed rows are the accepted, the quarantined and the dropped ones", "landed = accepted + quarantined + dropped"),
            not_negative("landed", "accepted", "quarantined", "dropped"),
            every_row("what no system of the shop has is empty", f"entity in ({entities}) or landed + accepted = 0", about="landed"),
            quarantined("at most one row in five is quarantined", 5),
            warn(quarantined("at most one row in a hundred is quarantined", 100)),
            warn(
                no_rows(
                    "of what describes one thing otherwise, a version says which is newer",
                    """
                    select {key}, count_rows from {batch} as entities inner join conformed.dropped using (entity)
                    where dropped.reason = 'another row of the same key, none the newer'
                    """,
                )
            ),
        ],
    )


def quarantined(words: str, one_in: int) -> Words:
    query = f"select {{key}}, landed, quarantined from {{batch}} where {one_in} * quarantined > landed order by quarantined / landed desc"
    return no_rows(words, query, about="quarantined")


def customers(as_of: str) -> Suite:
    return Suite(
        "marts.customers",
        key=("customer_id",),
        expects=[
            not_null("has_demographics"),
            no_rows(
                "count_orders, sales_cents, first and last order date are those of the customer's orders with lines, but for cancelled ones",
                """
                select customer_id
                from {batch} as customers
                full join (
                    select customer_id, count(*) as count_orders, sum(sales_cents) as sales_cents,
                        min(order_date) as first_order_date, max(order_date) as last_order_date
                    from marts.orders where customer_id is not null and status is distinct from 'cancelled' and count_lines > 0 group by customer_id
                ) as orders using (customer_id)
                where coalesce(customers.count_orders, -1) <> coalesce(orders.count_orders, 0)
                    or coalesce(customers.sales_cents, 0) <> coalesce(orders.sales_cents, 0)
                    or customers.first_order_date is distinct from orders.first_order_date
                    or customers.last_order_date is distinct from orders.last_order_date
                """,
                about="count_orders",
            ),
            every_row("last_order_date is before as_of_date", f"last_order_date is null or last_order_date < {as_of}", "last_order_date"),
        ],
    )


def products(as_of: str) -> Suite:
    return Suite(
        "marts.products",
        key=("product_id",),
        expects=[
            not_null("is_merchandise", "is_in_catalogue"),
            every_row(
                "first_sold_date is not after last_sold_date, and both are before as_of_date",
                f"last_sold_date is null or (first_sold_date <= last_sold_date and last_sold_date < {as_of})",
                about="last_sold_date",
            ),
        ],
    )


def orders(as_of: str, timezone: str) -> Suite:
    return Suite(
        "marts.orders",
        key=("order_id",),
        expects=[
            not_null("ordered_at", "order_date"),
            not_negative("count_units", "sales_cents", "discount_cents"),
            every_row("order_date is before as_of_date", f"order_date < {as_of}", about="order_date"),
            every_row(
                f"order_date is the date of ordered_at in {timezone}",
                f"order_date = cast(ordered_at at time zone 'UTC' at time zone '{timezone}' as date)",
                about="order_date",
            ),
            no_rows(
                "an order's lines, units, sales and discount are the sums of its lines, where it has any; they share its customer and date",
                """
                select order_id, orders.sales_cents, lines.sales_cents as sales_cents_of_lines
                from {batch} as orders
                full join (
                    select order_id, count(*) as count_lines, sum(units) as count_units, sum(sales_cents) as sales_cents,
                        sum(retail_discount_cents + coupon_discount_cents + coupon_match_discount_cents) as discount_cents,
                        min(customer_id) as first_customer_id, max(customer_id) as last_customer_id,
                        min(order_date) as first_date, max(order_date) as last_date
                    from marts.order_lines group by order_id
                ) as lines using (order_id)
                where (orders.count_lines = coalesce(lines.count_lines, 0) and orders.count_units = coalesce(lines.count_units, 0)
                    and orders.sales_cents = coalesce(lines.sales_cents, 0) and orders.discount_cents = coalesce(lines.discount_cents, 0)
                    and (orders.count_lines = 0
                        or orders.customer_id is not distinct from first_customer_id and orders.customer_id is not distinct from last_customer_id
                        and orders.order_date = first_date and orders.order_date = last_date)) is not true
                """,
                about="sales_cents",
            ),
            # A single mistaken day takes the shop's date with it, and with the date all that is counted back from it.
            no_rows(
                "the last 30 days have an order; a mistaken day may be the newest that the source tells of",
                f"select count(*) as orders from {{batch}} where order_date >= {as_of} - interval 30 day having count(*) = 0",
                about="order_date",
            ),
            warn(
                no_rows(
                    "most of the last seven days have orders",
                    f"""
                    select count(distinct order_date) as days_with_orders
                    from {{batch}} where order_date >= {as_of} - interval 7 day having count(distinct order_date) < 4
                    """,
                    about="order_date",
                )
            ),
            # An export whose end is thin: each day has orders, but hardly any.
            warn(
                no_rows(
                    "the last seven days have half as many orders as a usual week, the median of the eight before, or more",
                    f"""
                    select max(count_orders) filter (weeks_ago = 0) as last_week, median(count_orders) filter (weeks_ago > 0) as usual
                    from (
                        select weeks_ago, count(orders.order_id) as count_orders
                        from range(9) as weeks(weeks_ago)
                        left join {{batch}} as orders
                            on order_date >= {as_of} - 7 * (1 + weeks_ago)::int and order_date < {as_of} - 7 * weeks_ago::int
                        group by weeks_ago
                    ) having usual >= 20 and last_week < usual / 2
                    """,
                    about="order_date",
                )
            ),
        ],
    )


def order_lines(as_of: str) -> Suite:
    return Suite(
        "marts.order_lines",
        key=("order_id", "product_id"),
        expects=[
            not_null("ordered_at", "order_date", "line_type", "is_purchase", "units", "units_bought", "sales_cents"),
            one_of("line_type", LINE_TYPES),
            not_negative("units", "units_returned", "sales_cents", "refund_cents"),
            every_row("order_date is before as_of_date", f"order_date < {as_of}", about="order_date"),
            every_row("adjustments and fuel have no units", "line_type not in ('adjustment', 'fuel') or units = 0", about="units"),
            every_row("what is kept is what was bought less what came back", "units = units_bought - units_returned", about="units"),
            every_row(
                "a purchase moved goods", "not is_purchase or (units_bought > 0 and line_type in ('sale', 'free'))", about="is_purchase"
            ),
            no_rows(
                "every line's product is in marts.products, and a purchase is of merchandise",
                """
                select lines.order_id, lines.product_id
                from {batch} as lines left join marts.products using (product_id)
                where products.product_id is null or (lines.is_purchase and products.is_merchandise is not true)
                """,
                about="product_id",
            ),
            no_rows(
                "every line's customer, where known, is in marts.customers",
                "select order_id, customer_id from {batch} as lines anti join marts.customers using (customer_id) where customer_id is not null",
                about="customer_id",
            ),
            warn(
                no_rows(
                    "less than a hundredth of sales is at more than five times the product's usual price",
                    """
                    with priced as (
                        select product_id, gross_sales_cents, gross_sales_cents / units_bought as price_cents
                        from {batch} as lines where is_purchase and gross_sales_cents > 0
                    ),
                    usual as (select product_id, median(price_cents) as usual_cents from priced group by product_id)
                    select sum(gross_sales_cents) filter (price_cents > 5 * usual_cents) as sales_cents_at_such_prices,
                        sum(gross_sales_cents) as sales_cents
                    from priced inner join usual using (product_id)
                    having 100 * sales_cents_at_such_prices > sum(gross_sales_cents)
                    """,
                    about="gross_sales_cents",
                )
            ),
        ],
    )


def daily_product_sales(as_of: str) -> Suite:
    return Suite(
        "marts.daily_product_sales",
        key=("product_id", "sale_date"),
        expects=[
            every_row("sale_date is before as_of_date", f"sale_date < {as_of}", about="sale_date"),
            no_rows(
                "a day's units, sales, discount and orders of a product are those of its purchases",
                """
                select product_id, sale_date
                from {batch} as sales
                full join (
                    select product_id, order_date as sale_date, sum(units_bought) as units, sum(gross_sales_cents) as sales_cents,
                        sum(retail_discount_cents + coupon_discount_cents + coupon_match_discount_cents) as discount_cents,
                        count(*) as count_orders
                    from marts.order_lines where is_purchase group by all
                ) as lines using (product_id, sale_date)
                where (sales.units = lines.units and sales.sales_cents = lines.sales_cents
                    and sales.discount_cents = lines.discount_cents and sales.count_orders = lines.count_orders
                    and sales.count_customers between 0 and lines.count_orders) is not true
                """,
                about="units",
            ),
        ],
    )


def returns(as_of: str) -> Suite:
    return Suite(
        "marts.returns",
        key=("return_id", "product_id", "order_id"),
        may_be_empty=True,
        expects=[
            every_row("units came back", "units > 0", about="units"),
            every_row("return_date is before as_of_date", f"return_date < {as_of}", about="return_date"),
            no_rows(
                "no more came back than was sold",
                """
                select returns.order_id, returns.product_id
                from (select order_id, product_id, sum(units) as units from {batch} group by all) as returns
                left join conformed.sold_lines as sold using (order_id, product_id)
                where (returns.units <= sold.quantity) is not true
                """,
                about="units",
            ),
        ],
    )


def promotions(as_of: str, planned_days: int) -> Suite:
    return Suite(
        "marts.promotions",
        may_be_empty=True,
        key=("product_id", "week_start_date"),
        expects=[
            every_row(
                "a week begins before as_of_date, or so long after it as the plan is declared to be known",
                f"week_start_date < {as_of} + {planned_days}",
                about="week_start_date",
            ),
            every_row("a week ends within seven days", "week_end_date - week_start_date between 0 and 6", about="week_end_date"),
            every_row(
                "count_stores is at least the stores that displayed and that mailed",
                "count_stores >= greatest(1, count_stores_displayed, count_stores_mailed)",
                about="count_stores",
            ),
        ],
    )


def sources(entity: str) -> Suite:
    """From our ids back to each source's own, without a gap and without two ways."""
    ours, theirs = f"{entity}_id", f"source_{entity}_id"
    return Suite(
        f"marts.{entity}_sources",
        key=("system", theirs),
        expects=[
            no_rows(
                f"it leads from every {ours} of marts.{entity}s, and from no other, to a source",
                f"""
                select {ours}, {theirs}
                from {{batch}} as sources full join marts.{entity}s as ours using ({ours})
                where sources.{ours} is null or ours.{ours} is null
                """,
                about=ours,
            )
        ],
    )
