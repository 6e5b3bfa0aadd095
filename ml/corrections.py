"""Have the windows that models learned from been corrected since? A load that was half there, or wrong, may come again after a training."""

from datetime import date

import duckdb

# What was bought in each window then and now, of the products and of the customers who were there to be learned from.
_CHANGES = """
    with products as (
        select as_of_date, product_id, sum(units) as units
        from training.as_of_dates inner join features.demand_days on sale_date >= as_of_date and sale_date < label_until_date
        group by all
    ),
    customers as (
        select as_of_date, customer_id, sum(gross_sales_cents) as sales_cents
        from training.as_of_dates inner join marts.order_lines on order_date >= as_of_date and order_date < label_until_date
        where is_purchase
        group by all
    ),
    then_and_now as (
        select as_of_date, 'units by product' as what, units_30d as amount_then, coalesce(units, 0) as amount_now
        from training.labels_demand left join products using (as_of_date, product_id)
        union all
        select as_of_date, 'spending by customer', sales_cents_30d, coalesce(sales_cents, 0)
        from training.labels_value semi join training.as_of_dates using (as_of_date) left join customers using (as_of_date, customer_id)
    )
    select what, as_of_date, sum(abs(amount_now - amount_then)) / nullif(sum(amount_then), 0) as share
    from then_and_now group by all order by share desc nulls last, what, as_of_date limit 1
"""


def largest(connection: duckdb.DuckDBPyConnection) -> tuple[str, date, float] | None:
    """What has changed most since schema `training` was built, of which cut-off's window, and by what share of it; None where nothing was."""
    try:
        what, day, share = connection.execute(_CHANGES).fetchone() or (None, None, None)
    except duckdb.CatalogException:
        return None
    return None if share is None else (what, day, float(share))
