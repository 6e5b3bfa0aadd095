"""Who and what is one: the house's customers and products beside the people and products of the world."""

from dataclasses import dataclass

import duckdb

from privacy.identity import scores
from sample_shop.planting import customer, numbered


@dataclass(frozen=True)
class Matching:
    """A kind of thing that several records tell of.

    records       system, entity, source_key, cluster (as the house names it), person_id (what it is in the world), of every record
    least_f1, least_precision   the targets, over pairs of records
    """

    records: str
    least_f1: float
    least_precision: float


# A customer's row of the change log is their account's; suppliers' offers stand beside the products of the shop's own catalogue.
MATCHINGS = {
    "customers": Matching(
        f"""
        select 'crm' as system, 'customers' as entity, {customer("customer_number")} as source_key, customer_id as cluster, person_id,
            list({numbered("X", "change_number")}) as other_keys
        from accounts join crm_true_changes using (customer_number, person_id) group by all""",
        least_f1=0.97,
        least_precision=0.98,
    ),
    "products": Matching(
        """
        select 'catalogue' as system, 'products' as entity, number as source_key, house_id as cluster, product_id as person_id,
            []::varchar[] as other_keys
        from numbers
        union all
        select 'supplier', 'supplier_offers', supplier_sku, coalesce(offers.product_id, 'offer ' || supplier_sku), told.product_id, []
        from house.conformed.supplier_offers as offers join truth.product_numbers as told on told.system = 'supplier' and source_id = supplier_sku""",
        least_f1=0.92,
        least_precision=0.93,
    ),
}


def measure(connection: duckdb.DuckDBPyConnection) -> tuple[list[dict], dict[str, scores.Scores]]:
    """Of each planted error of the kind `match` how many rows were told right, that is joined with all others of the same person or
    product and with no other's; and the scores of all records, by what they tell of.
    """
    errors, found = [], {}
    for name, matching in MATCHINGS.items():
        connection.sql(f"create or replace temp table records as {matching.records}")
        found[name] = scores.score(connection, "records")
        told = connection.sql(
            """
            with judged as (
                select *, count(*) over (partition by cluster) = count(*) over both_ and count(*) over (partition by person_id) = count(*) over both_
                    as is_right
                from records window both_ as (partition by cluster, person_id)
            ),
            named as (select system, entity, unnest(list_append(other_keys, source_key)) as source_key, is_right from judged)
            select error, handling, system, entity, count(*) as planted, count(*) filter (where is_right) as handled
            from truth.planted join named using (system, entity, source_key)
            where handling = 'match' group by all order by error
            """
        )
        errors += [dict(zip(told.columns, row, strict=True)) for row in told.fetchall()]
    return errors, found
