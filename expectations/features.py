"""After features and labels: the dates asked for, the customers that are active and no others, sane numbers, labels fully known.

`suites` looks at schema `features` (the run's as_of_date, to predict), `training_suites` at schema `training` (earlier dates, with labels).
"""

from expectations.suite import Suite, Tables, Words, every_row, finite, no_rows, not_negative
from forecart.run import Run

ACTIVE_DAYS = 90
HORIZON_DAYS = 30
DECIMALS = ("DOUBLE", "FLOAT")
INTEGERS = ("INTEGER", "BIGINT")
COUNTS = ("count_", "units_", "days_since_")

CUSTOMER, PRODUCT, PAIR = ("customer_id",), ("product_id",), ("customer_id", "product_id")


def suites(run: Run, tables: Tables) -> list[Suite]:
    of_the_run = every_row("as_of_date is the run's", f"as_of_date = date '{run.as_of_date}'", about="as_of_date")
    return features("features", of_the_run, tables)


def training_suites(run: Run, tables: Tables) -> list[Suite]:
    not_later = every_row("as_of_date is not after the run's", f"as_of_date <= date '{run.as_of_date}'", about="as_of_date")
    known = every_row(
        f"the {HORIZON_DAYS} days from as_of_date on were over when the run began",
        f"as_of_date + {HORIZON_DAYS} <= date '{run.as_of_date}'",
        about="as_of_date",
    )
    return [
        *features("training", not_later, tables),
        labels("labels_purchase", PAIR, known, a_purchase_within_the_horizon(), tables),
        labels("labels_demand", PRODUCT, known, one_for_each_row_of("training.features_product", PRODUCT), tables),
        labels("labels_churn", CUSTOMER, known, one_for_each_row_of("training.features_customer", CUSTOMER), tables),
        labels("labels_value", CUSTOMER, known, one_for_each_row_of("training.features_customer", CUSTOMER), tables),
    ]


def features(schema: str, dates: Words, tables: Tables) -> list[Suite]:
    def of(name: str, key: tuple[str, ...], entities: Words) -> Suite:
        table = f"{schema}.{name}"
        return Suite(table, key=("as_of_date", *key), expects=[dates, entities, *sane_numbers(tables.get(table, {}))])

    return [
        Suite(f"{schema}.seasons", key=("as_of_date",), expects=[dates, seasons_above_zero(), a_season_for_each_date_of(schema)]),
        of("features_customer", CUSTOMER, active_customers()),
        of("features_product", PRODUCT, every_product_sold_lately()),
        of("features_customer_product", PAIR, active_customers()),
    ]


def labels(name: str, key: tuple[str, ...], known: Words, meaning: Words, tables: Tables) -> Suite:
    table = f"training.{name}"
    return Suite(table, key=("as_of_date", *key), expects=[known, meaning, *sane_numbers(tables.get(table, {}))])


def sane_numbers(columns: dict[str, str]) -> list[Words]:
    """Of whatever columns a table has."""
    decimals = [name for name, data_type in columns.items() if data_type in DECIMALS]
    counts = [name for name, data_type in columns.items() if data_type in INTEGERS and name.startswith(COUNTS)]
    return [words(*names) for words, names in ((finite, decimals), (not_negative, counts)) if names]


def seasons_above_zero() -> Words:
    """Predictions are multiplied by them, and divided."""
    seasons = ("season_orders_30d", "season_sales_30d", "season_sales_90d", "season_sales_last_30d", "season_sales_last_56d")
    return every_row("every season is above 0 and finite", " and ".join(f"{name} > 0 and isfinite({name})" for name in seasons))


def a_season_for_each_date_of(schema: str) -> Words:
    return no_rows(
        "each as_of_date of customers has a season",
        f"select distinct as_of_date from {schema}.features_customer anti join {{batch}} as seasons using (as_of_date)",
        about="as_of_date",
    )


def active_customers() -> Words:
    """A customer too many has been seen buying on as_of_date or after."""
    return no_rows(
        f"the customers of each as_of_date are those with a purchase in the {ACTIVE_DAYS} days before it",
        f"""
        select as_of_date, customer_id
        from (select distinct as_of_date, customer_id from {{batch}}) as features
        full join (
            select distinct dates.as_of_date, purchases.customer_id
            from (select distinct as_of_date from {{batch}}) as dates
            join (select distinct customer_id, order_date from marts.order_lines where is_purchase and customer_id is not null) as purchases
                on purchases.order_date < dates.as_of_date and purchases.order_date >= dates.as_of_date - {ACTIVE_DAYS}
        ) as active using (as_of_date, customer_id)
        where features.customer_id is null or active.customer_id is null
        """,
        about="customer_id",
    )


def every_product_sold_lately() -> Words:
    return no_rows(
        f"the products of each as_of_date hold all that were sold in the {ACTIVE_DAYS} days before it",
        f"""
        select distinct dates.as_of_date, sales.product_id
        from (select distinct as_of_date from {{batch}}) as dates
        join marts.daily_product_sales as sales
            on sales.sale_date < dates.as_of_date and sales.sale_date >= dates.as_of_date - {ACTIVE_DAYS}
        anti join {{batch}} as features on features.as_of_date = dates.as_of_date and features.product_id = sales.product_id
        """,
        about="product_id",
    )


def a_purchase_within_the_horizon() -> Words:
    return no_rows(
        f"what is labelled as bought was bought in the {HORIZON_DAYS} days from as_of_date on",
        f"""
        select as_of_date, customer_id, product_id
        from {{batch}} as labels
        anti join (select * from marts.order_lines where is_purchase) as lines
            on lines.customer_id = labels.customer_id and lines.product_id = labels.product_id
            and lines.order_date >= labels.as_of_date and lines.order_date < labels.as_of_date + {HORIZON_DAYS}
        """,
        about="product_id",
    )


def one_for_each_row_of(table: str, key: tuple[str, ...]) -> Words:
    columns = ", ".join(("as_of_date", *key))
    return no_rows(
        f"on each as_of_date, the labels are those of {table}",
        f"""
        select {columns}
        from {{batch}} as labels
        full join (select * from {table} where as_of_date in (select as_of_date from {{batch}})) as features using ({columns})
        where labels.{key[0]} is null or features.{key[0]} is null
        """,
        about=columns,
    )
