"""What the sales forecast and the restocking plan must hold, a part of the gate after the predictions."""

from expectations.features import HORIZON_DAYS
from expectations.suite import Suite, Words, between, every_row, finite, no_rows, not_negative, not_null, one_of

LEVELS = ("total", "department", "category", "product", "remainder")
UNITS = ("units_p10", "units_p50", "units_p90", "units_mean")
CENTS = tuple(name.replace("units", "revenue_cents") for name in UNITS)


def suites(origin: list[Words]) -> list[Suite]:
    """`origin` is what every row of a prediction carries."""
    return [sales_forecast(origin), restock_plan(origin)]


def sales_forecast(origin: list[Words]) -> Suite:
    return Suite(
        "predictions.sales_forecast",
        key=("level", "key", "sale_date"),
        expects=[
            *origin,
            one_of("level", LEVELS),
            not_null("units_mean", "revenue_cents_mean"),
            finite(*UNITS, *CENTS),
            not_negative(*UNITS, *CENTS),
            every_row(
                "quantiles are in order, and all but the remainder have them",
                """
                level = 'remainder' or (units_p10 <= units_p50 and units_p50 <= units_p90
                    and revenue_cents_p10 <= revenue_cents_p50 and revenue_cents_p50 <= revenue_cents_p90)
                """,
                about="units_p50",
            ),
            no_rows(
                f"every key has the {HORIZON_DAYS} days from as_of_date on",
                f"""
                select level, key from {{batch}} group by level, key
                having count(*) <> {HORIZON_DAYS} or min(sale_date) <> min(as_of_date) or max(sale_date) <> min(as_of_date) + {HORIZON_DAYS - 1}
                """,
                about="sale_date",
            ),
            *[adds_up(level, *parts) for level, *parts in (("total", "department"), ("department", "category"), CATEGORY)],
            no_rows(
                "the products are those of predictions.demand_forecast, with the same sums",
                """
                select key, of_days.units, of_month.units_mean
                from (select key, sum(units_mean) as units from {batch} where level = 'product' group by key) as of_days
                full join predictions.demand_forecast as of_month on of_month.product_id = of_days.key
                where (abs(of_days.units - of_month.units_mean) <= 1e-6 * (1 + of_month.units_mean)) is not true
                """,
                about="units_mean",
            ),
        ],
    )


CATEGORY = ("category", "product", "remainder")


def adds_up(level: str, *parts: str) -> Words:
    """Means of units and of revenue of the level are the sums of its parts' on each day."""
    named = ", ".join(f"'{part}'" for part in parts)
    return no_rows(
        f"on each day the means of {' and '.join(parts)} add up to those of {level}",
        f"""
        select whole.key, whole.sale_date, whole.units_mean, parts.units
        from (select * from {{batch}} where level = '{level}') as whole
        full join (
            select parent_key as key, sale_date, sum(units_mean) as units, sum(revenue_cents_mean) as cents
            from {{batch}} where level in ({named}) group by 1, 2
        ) as parts on parts.key = whole.key and parts.sale_date = whole.sale_date
        where (abs(whole.units_mean - parts.units) <= 1e-6 * (1 + whole.units_mean)) is not true
            or (abs(whole.revenue_cents_mean - parts.cents) <= 1e-6 * (1 + whole.revenue_cents_mean)) is not true
        """,
        about="units_mean",
    )


def restock_plan(origin: list[Words]) -> Suite:
    units = ("units_until_arrival", "safety_stock_units", "reorder_point_units", "order_up_to_units", "order_units")
    return Suite(
        "predictions.restock_plan",
        key=("product_id",),
        expects=[
            *origin,
            not_null("lead_time_days", "service_level", *units[:-1], "advice"),
            finite("units_until_arrival", "safety_stock_units", "probability_of_running_out", "cover_days"),
            not_negative(*units, "cover_days", "excess_units"),
            between("probability_of_running_out", 0, 1),
            one_of("advice", ("order", "expedite", "enough", "promote", "discount", "discontinued", "stock unknown")),
            every_row(
                "what to order is told where the stock is known, and nowhere else",
                """
                (order_units is null) = (units_on_hand is null) and (probability_of_running_out is null) = (units_on_hand is null)
                and (excess_units is null) = (units_on_hand is null)
                and (advice = 'stock unknown') = (units_on_hand is null) and (advice = 'order') = (coalesce(order_units, 0) > 0)
                """,
                about="order_units",
            ),
            every_row(
                "after the order there is what the service level asks for, or there was before",
                """
                units_on_hand is null or advice = 'discontinued'
                or units_on_hand + coalesce(units_on_order, 0) + order_units >= reorder_point_units
                """,
                about="order_units",
            ),
            every_row(
                "what is to be expedited is on order, and what is to be sold off lies in excess",
                """
                (advice <> 'expedite' or coalesce(units_on_order, 0) > 0)
                and (advice not in ('promote', 'discount') or coalesce(excess_units, 0) > 0)
                """,
                about="advice",
            ),
            no_rows(
                "every product with a forecast has a plan",
                "select product_id from predictions.demand_forecast anti join {batch} using (product_id)",
                about="product_id",
            ),
        ],
    )
