"""Product matching as a step of a run, between staging and conformed: which product of the shop each supplier's offer is.

The answer depends on what is staged and on nothing else: a rerun gives the same, and products keep the ids of the shop's own catalogue.
"""

from typing import Any

import duckdb
import pandas as pd

from forecart import dbt, sql, warehouse
from forecart.run import Run
from matching import match

_TABLE = "matching.supplier_products"
_COLUMNS = ["supplier", "supplier_sku", "product_source_id", "match_score", "match_reason"]


def match_products(run: Run) -> dict[str, Any]:
    """Write matching.supplier_products (_COLUMNS), one row per offer that is a product of the shop's.

    Returns the numbers of products, offers, and offers matched. Each supplier is matched apart: two may offer the same product.
    """
    with warehouse.connect(run) as connection:
        products, offers = _products(connection, run), _offers(connection, run)
    # Matching takes its time; the warehouse is free meanwhile.
    matched = (
        [_of_supplier(products, supplier, its_own) for supplier, its_own in offers.groupby("supplier", sort=True)] if len(products) else []
    )
    found = pd.concat([pd.DataFrame(columns=_COLUMNS), *(one for one in matched if len(one))], ignore_index=True)
    with warehouse.connect(run) as connection:
        connection.sql("create schema if not exists matching")
        connection.register("found", found.astype(dict.fromkeys(_COLUMNS, object)))
        columns = ", ".join(f"cast({column} as {'double' if column == 'match_score' else 'varchar'}) as {column}" for column in _COLUMNS)
        connection.sql(f"create or replace table {_TABLE} as select {columns} from found order by supplier, supplier_sku")
        connection.unregister("found")
    return {"products": len(products), "offers": len(offers), "matched": len(found)}


def _of_supplier(products: pd.DataFrame, supplier: str, offers: pd.DataFrame) -> pd.DataFrame:
    pairs = match(products, offers)
    # Two products of the shop may carry one identifier: the offer is the first one's.
    pairs = pairs.sort_values(["right_id", "score", "left_id"], ascending=[True, False, True]).drop_duplicates("right_id")
    told = {
        "supplier_sku": pairs["right_id"],
        "product_source_id": pairs["left_id"],
        "match_score": pairs["score"],
        "match_reason": pairs["reason"],
    }
    return pd.DataFrame({"supplier": supplier, **told}, columns=_COLUMNS)


def _products(connection: duckdb.DuckDBPyConnection, run: Run) -> pd.DataFrame:
    columns = {"id": "product_source_id", "name": "product_name", "price": "list_price_cents"}
    return _newest(connection, run, "products", "product_source_id", columns, ("description", "brand", "model_number", "gtin"))


def _offers(connection: duckdb.DuckDBPyConnection, run: Run) -> pd.DataFrame:
    columns = {"supplier": "supplier", "id": "supplier_sku", "name": "product_name", "price": "price_cents"}
    return _newest(connection, run, "supplier_offers", "supplier, supplier_sku", columns, ("brand", "model_number", "gtin"))


def _newest(
    connection: duckdb.DuckDBPyConnection, run: Run, entity: str, key: str, renamed: dict[str, str], others: tuple[str, ...]
) -> pd.DataFrame:
    """What the run may know of an entity, the newest version of each; prices in the shop's currency alone, others unknown."""
    systems = dbt.staged(run.shop).get(entity, [])
    contract = {column: words["type"] for column, words in dbt.contract()[entity].items()}
    empty = f"select {', '.join(f'cast(null as {kind}) as {column}' for column, kind in contract.items())}, null as system where false"
    staged = " union all by name ".join(
        [empty, *(f"select *, {sql.text(system)} as system from staging.stg_{system}__{entity}" for system in systems)]
    )
    price, own = renamed["price"], sql.text(run.shop.currency)
    in_own_currency = f"{price} > 0 and upper(coalesce(currency, {own})) = {own}"
    newest_first = ", ".join(["updated_at desc nulls last", "system", *renamed.values(), *others])
    return connection.sql(f"""
        select {", ".join(f"{column} as {name}" for name, column in renamed.items())}, {", ".join(others)}
        from (select * replace (case when {in_own_currency} then {price} end as {price}) from ({staged}))
        where {" and ".join(f"{column} is not null" for column in key.split(", "))} and coalesce(updated_at < {run.moment}, true)
        qualify row_number() over (partition by {key} order by {newest_first}) = 1
        order by {key}""").df()
