"""Lets the source systems tell of a world that is there, each what it would hand out, and notes what was planted and who is who."""

import shutil
from pathlib import Path

import duckdb

from forecart import settings, sql
from sample_shop import accounts
from sample_shop.dirt import Dirt
from sample_shop.sources import catalogue, crm, market, reviews, shop_db, supplier, web_analytics

# A system after those whose tables it reads.
SOURCES = {
    "crm": crm,
    "catalogue": catalogue,
    "supplier": supplier,
    "shop_db": shop_db,
    "web_analytics": web_analytics,
    "reviews": reviews,
    "market": market,
}
# What is written beside the world's tables, where a system that was told of has made it.
TRUTH_TABLES = ("planted", "customer_numbers", "product_numbers")


def tell(folder: Path, seed: int, systems: tuple[str, ...], shop_db_url: str | None) -> None:
    """Write `<folder>/sources/<system>/…` and the truth's tables of errors and names, from the world in `<folder>/truth`."""
    with duckdb.connect() as connection:
        connection.execute(f"set threads to {settings.threads()}")
        connection.execute(f"set memory_limit = '{settings.memory_limit()}'")
        connection.execute("set temp_directory = ?", [str(folder / "spilled")])
        show_world(connection, folder / "truth" / "world")
        dirt = Dirt(connection, seed)
        accounts.make(connection, dirt)
        for system in systems:
            where = folder / "sources" / system
            where.mkdir(parents=True)
            SOURCES[system].write(connection, dirt, where, **({"url": shop_db_url} if system == "shop_db" else {}))
        there = {name for (name,) in connection.execute("select table_name from information_schema.tables").fetchall()}
        for table in TRUTH_TABLES:
            if table in there:
                connection.execute(
                    f"copy (from {table} order by all) to {sql.text(folder / 'truth' / f'{table}.parquet')} (format parquet)"
                )
    shutil.rmtree(folder / "spilled", ignore_errors=True)


def show_world(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """The world's tables as views `world.<table>`; times are UTC."""
    connection.execute("set timezone = 'UTC'")
    connection.execute("create schema world")
    for table in sorted(folder.iterdir()):
        connection.execute(f"create view world.{table.name} as from read_parquet({sql.text(table / '*.parquet')})")
