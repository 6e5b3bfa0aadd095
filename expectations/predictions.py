"""After the predictions: is every row a possible answer, of this run, with its origin, and does everybody have one?"""

from expectations import sales
from expectations.features import ACTIVE_DAYS, HORIZON_DAYS
from expectations.suite import Suite, Tables, Words, between, every_row, finite, no_rows, not_negative, not_null, warn
from forecart import consent
from forecart.run import Run

TOP = 20


def suites(run: Run, tables: Tables) -> list[Suite]:
    as_of = f"date '{run.as_of_date}'"
    return [
        product_recommendations(as_of),
        discoveries(as_of),
        demand_forecast(as_of),
        *sales.suites(origin(as_of)),
        churn_risk(as_of),
        customer_value(as_of),
        retention_offers(as_of),
    ]


def origin(as_of: str) -> list[Words]:
    """What every row of a prediction carries."""
    return [
        every_row("as_of_date is the run's", f"as_of_date = {as_of}", about="as_of_date"),
        not_null("run_id", "model_version", "data_until"),
        every_row("nothing of as_of_date or after was read", f"data_until < {as_of}", about="data_until"),
        no_rows(
            "all rows are of one run and one model",
            """
            select count(distinct run_id) as runs, count(distinct model_version) as models
            from {batch} having count(distinct run_id) > 1 or count(distinct model_version) > 1
            """,
            about="run_id",
        ),
    ]


def probability(name: str) -> list[Words]:
    return [not_null(name), finite(name), between(name, 0, 1)]


def product_recommendations(as_of: str) -> Suite:
    return Suite(
        "predictions.product_recommendations",
        key=("customer_id", "rank"),
        expects=[
            *recommended(as_of),
            no_rows(
                f"every active customer who may be written to has {TOP} products (or as many as are sold)",
                f"""
                select active.customer_id, count(distinct product_id) as count_products
                from ({active(as_of)}) as active
                anti join ({consent.REFUSED}) as refused using (customer_id)
                left join {{batch}} as listed using (customer_id)
                group by active.customer_id
                having count(distinct product_id) <> least(
                    {TOP}, (select count(distinct product_id) from marts.order_lines where is_purchase)
                )
                """,
                about="rank",
            ),
            warn(
                no_rows(
                    "no product is recommended to more than nine in ten customers who bought lately",
                    f"""
                    select product_id, count(*) as count_customers from {{batch}} semi join ({active(as_of)}) as active using (customer_id)
                    group by product_id
                    having count(*) > 0.9 * (select count(distinct customer_id) from ({active(as_of)}))
                    """,
                    about="product_id",
                )
            ),
        ],
    )


def discoveries(as_of: str) -> Suite:
    return Suite(
        "predictions.discoveries",
        key=("customer_id", "rank"),
        may_be_empty=True,
        expects=[
            *recommended(as_of),
            no_rows(
                "it is empty only where every active customer has bought all that is sold",
                f"""
                select active.customer_id, count(distinct product_id) as count_products
                from ({active(as_of)}) as active
                anti join ({consent.REFUSED}) as refused using (customer_id)
                inner join marts.order_lines using (customer_id)
                where is_purchase and not exists (from {{batch}})
                group by active.customer_id
                having count(distinct product_id) < (select count(distinct product_id) from marts.order_lines where is_purchase)
                """,
                about="customer_id",
            ),
            no_rows(
                "what is to be discovered was never bought",
                f"""
                select distinct customer_id, product_id from {{batch}}
                semi join (from marts.order_lines where is_purchase and order_date < {as_of}) as bought using (customer_id, product_id)
                """,
                about="product_id",
            ),
        ],
    )


def recommended(as_of: str) -> list[Words]:
    """What both lists of products hold to."""
    return [
        *origin(as_of),
        not_null("product_id", "is_eligible"),
        *probability("probability"),
        no_rows(
            "ranks run from 1 without a gap, and no product stands twice on a list",
            """
            select customer_id from {batch} group by customer_id
            having min(rank) <> 1 or max(rank) <> count(*) or count(distinct product_id) <> count(*)
            """,
            about="rank",
        ),
        no_rows(
            "nobody is on it who may not be written to",
            f"select distinct customer_id from {{batch}} semi join ({consent.REFUSED}) as refused using (customer_id)",
            about="customer_id",
        ),
        no_rows(
            "a product further down the list is not more probable",
            """
            select {key}, probability from {batch}
            qualify probability > lag(probability) over (partition by customer_id order by rank)
            """,
            about="probability",
        ),
        no_rows(
            "only merchandise of marts.products is recommended",
            "select distinct product_id from {batch} anti join (select * from marts.products where is_merchandise) using (product_id)",
            about="product_id",
        ),
    ]


def demand_forecast(as_of: str) -> Suite:
    units = ("units_p10", "units_p50", "units_p90", "units_mean")
    return Suite(
        "predictions.demand_forecast",
        key=("product_id", "horizon_days"),
        expects=[
            *origin(as_of),
            every_row(f"it looks {HORIZON_DAYS} days ahead", f"horizon_days = {HORIZON_DAYS}", about="horizon_days"),
            not_null(*units),
            finite(*units),
            not_negative(*units),
            every_row("units_p10 <= units_p50 <= units_p90", "units_p10 <= units_p50 and units_p50 <= units_p90", about="units_p50"),
            no_rows(
                "every product is in marts.products",
                "select distinct product_id from {batch} anti join marts.products using (product_id)",
                about="product_id",
            ),
            warn(
                no_rows(
                    f"all products together sell a third to three times the units of the last {HORIZON_DAYS} days",
                    f"""
                    select forecast.units as units_forecast, sold.units as units_sold
                    from (select sum(units_mean) as units from {{batch}}) as forecast,
                        (select sum(units) as units from marts.daily_product_sales where sale_date >= {as_of} - {HORIZON_DAYS}) as sold
                    where (forecast.units between sold.units / 3 and sold.units * 3) is not true
                    """,
                    about="units_mean",
                )
            ),
        ],
    )


def churn_risk(as_of: str) -> Suite:
    return Suite(
        "predictions.churn_risk",
        key=("customer_id",),
        expects=[
            *origin(as_of),
            *probability("churn_probability"),
            *probability("spend_halved_probability"),
            not_negative("expected_sales_cents_30d"),
            not_null("reason_1"),
            of_active_customers("risk", as_of),
            no_rows(
                "the expected spend is that of customer_value",
                """
                select {key}, risks.expected_sales_cents_30d, value.expected_sales_cents_30d
                from {batch} as risks full join predictions.customer_value as value using (customer_id)
                where risks.expected_sales_cents_30d is distinct from value.expected_sales_cents_30d
                """,
                about="expected_sales_cents_30d",
            ),
            warn(
                no_rows(
                    "customers differ in their risk",
                    "select count(*) as count_customers from {batch} having count(*) > 1 and count(distinct churn_probability) = 1",
                    about="churn_probability",
                )
            ),
        ],
    )


def customer_value(as_of: str) -> Suite:
    horizons = ("expected_sales_cents_30d", "expected_sales_cents_90d", "expected_sales_cents_365d")
    return Suite(
        "predictions.customer_value",
        key=("customer_id",),
        expects=[
            *origin(as_of),
            not_null("expected_sales_cents_30d"),
            not_negative(*horizons),
            every_row(
                "a longer horizon holds the shorter",
                "(expected_sales_cents_30d <= expected_sales_cents_90d and expected_sales_cents_90d <= expected_sales_cents_365d) is not false",
                about="expected_sales_cents_365d",
            ),
            every_row(
                "an empty horizon has a reason",
                "reason_if_empty is not null or (expected_sales_cents_90d is not null and expected_sales_cents_365d is not null)",
                about="reason_if_empty",
            ),
            of_active_customers("value", as_of),
            warn(
                no_rows(
                    f"all together spend half to twice what was spent in the last {HORIZON_DAYS} days by those active before them",
                    # Who is active has bought lately, and where people order twice a year hardly anybody does so again at once.
                    f"""
                    with active as (
                        select distinct customer_id from marts.order_lines
                        where is_purchase and order_date < {as_of} - {HORIZON_DAYS} and order_date >= {as_of} - {HORIZON_DAYS + ACTIVE_DAYS}
                    ),
                    before as (
                        select coalesce(sum(gross_sales_cents), 0) as spent from marts.order_lines semi join active using (customer_id)
                        where is_purchase and order_date >= {as_of} - {HORIZON_DAYS}
                    )
                    select sum(expected_sales_cents_30d) as expected, any_value(spent) as spent_before from {{batch}} cross join before
                    having (expected between spent_before / 2 and spent_before * 2) is false
                    """,
                    about="expected_sales_cents_30d",
                )
            ),
        ],
    )


def retention_offers(as_of: str) -> Suite:
    return Suite(
        "predictions.retention_offers",
        key=("customer_id",),
        may_be_empty=True,
        expects=[
            *origin(as_of),
            not_null("offer_name", "uplift_source"),
            *probability("churn_probability"),
            *probability("uplift"),
            finite("expected_margin_cents"),
            every_row("the group is offered or hold_out", "group_name in ('offered', 'hold_out')", about="group_name"),
            every_row("an offer is made where it pays", "expected_margin_cents > 0", about="expected_margin_cents"),
            no_rows(
                "the risk is that of churn_risk",
                """
                select customer_id from {batch} as offers left join predictions.churn_risk as risks using (customer_id)
                where offers.churn_probability is distinct from risks.churn_probability
                """,
                about="churn_probability",
            ),
            no_rows(
                "nobody is made an offer who did not consent, where consent is kept",
                f"select customer_id from {{batch}} semi join ({consent.REFUSED}) as refused using (customer_id)",
                about="customer_id",
            ),
        ],
    )


def of_active_customers(what: str, as_of: str) -> Words:
    return no_rows(
        f"every active customer has a {what}, and no other",
        f"""
        select customer_id from {{batch}} as predicted full join ({active(as_of)}) as active using (customer_id)
        where predicted.customer_id is null or active.customer_id is null
        """,
        about="customer_id",
    )


def active(as_of: str) -> str:
    """Customers with a purchase in the 90 days before."""
    return f"""
        select distinct customer_id from marts.order_lines
        where is_purchase and customer_id is not null and order_date < {as_of} and order_date >= {as_of} - {ACTIVE_DAYS}
    """
