"""Where the truth of the sample shop lies. Only what judges a model reads it, and no model is trained on it."""

from pathlib import Path

from forecart import settings, sql
from forecart.errors import ForecartError

SHOP = "sample"


def folder() -> Path:
    return settings.data_folder() / "sample_shop" / "truth"


def table(name: str) -> str:
    """SQL for a file of the truth. Raises ForecartError where there is none."""
    file = folder() / f"{name}.parquet"
    if not file.exists():
        raise ForecartError(f"{folder()}: there is no truth; `make sample-shop` makes it")
    return f"read_parquet({sql.text(file)})"


def products() -> str:
    """SQL query for true_product_id and the product_id by which marts call it."""
    return f"""
        select distinct numbers.product_id as true_product_id, sources.product_id
        from {table("product_numbers")} as numbers
        inner join marts.product_sources as sources on sources.system = numbers.system and sources.source_product_id = numbers.source_id
    """
