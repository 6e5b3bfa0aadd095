"""A small piece of complete_journey, dirt included: some households with all they bought, and what belongs to it."""

from pathlib import Path

import duckdb

from ingest.connectors.files import folder_of
from ingest.systems import load_system

# One household in 40; of the promotions, the products that end in 03 or 53 among those it bought.
HOUSEHOLDS = "household_id % 40 = 7"


def write(folder: Path) -> Path:
    """Write the slice's Parquet files into `folder`, named as the source's."""
    folder.mkdir(parents=True, exist_ok=True)
    source = Path(folder_of(load_system("complete_journey").location))
    with duckdb.connect() as connection:
        for entity in load_system("complete_journey").entities.values():
            connection.read_parquet(str(source / entity.file)).create_view(entity.name)
        slices = {
            "transactions": f"from transactions where {HOUSEHOLDS} order by all",
            "products": f"""from products where product_id in (select product_id from transactions where {HOUSEHOLDS})
                or product_id % 500 = 1 order by all""",
            "demographics": f"from demographics where {HOUSEHOLDS} order by all",
            "promotions": f"""from promotions
                where product_id in (select product_id from transactions where {HOUSEHOLDS}) and product_id % 50 = 3 order by all""",
            "campaign_descriptions": "from campaign_descriptions order by all",
            "campaigns": f"from campaigns where {HOUSEHOLDS} order by all",
            "coupons": f"""from coupons
                where product_id in (select product_id from transactions where {HOUSEHOLDS}) order by all""",
            "coupon_redemptions": f"from coupon_redemptions where {HOUSEHOLDS} order by all",
        }
        for entity, query in slices.items():
            connection.sql(query).write_parquet(str(folder / load_system("complete_journey").entities[entity].file))
    return folder
