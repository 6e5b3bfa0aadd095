"""A second supplier's price list: a part of the same products under numbers and names of its own, in inches and pounds, as its office wrote it."""

from pathlib import Path

import duckdb

from sample_shop import days
from sample_shop.dirt import Dirt
from sample_shop.planting import number_products, one_of, record, write_csv

SYSTEM = "supplier"
_SHARE = 30  # of a hundred products
_NAMES = ["offer_name_brand_last", "offer_name_abbreviated", "offer_name_without_brand", "offer_name_shouted"]
_NUMBERS = ["offer_gtin_missing", "offer_gtin_wrong", "offer_gtin_spaces", "offer_gtin_apostrophe"]
# What the offer of `sku` says of a product of the world, where nothing is wrong with it.
PRICE = "cast(round(cost_cents * (0.9 + hash(sku) % 20 / 100.0)) / 100 as decimal(12, 2))"
LEAD_TIME = "(lead_time_days + cast(hash(sku, 'lead') % 4 as integer))"
UNITS = "cast(hash(sku, 'units') % 400 as integer)"
CHANGED = f"(date '{days.END - 1}' - cast(hash(sku, 'changed') % 90 as integer))"
_VALUES = ["offer_price_zero", "offer_units_negative", "offer_weight_missing", "offer_date_iso", "offer_row_twice"]


def write(connection: duckdb.DuckDBPyConnection, dirt: Dirt, folder: Path) -> None:
    """Write preisliste.csv: semicolons, decimal commas, latin-1."""
    connection.sql(f"""create or replace temp table offers as
        with listed as (
            select *, 1 as copy, null as twin_error from world.products where hash({dirt.seed}, 'supplier', product_id) % 100 < {_SHARE}
        ),
        -- The supplier lists a product twice, under two numbers.
        everything as (
            from listed
            union all
            select * replace (2 as copy, 'offer_of_same_product' as twin_error) from listed where {dirt.hits("offer_of_same_product", "product_id")}
        )
        select
            *,
            concat(
                'NW-', 10000 + cast(hash({dirt.seed}, 'sku', product_id) % 80000 as integer), '-',
                lpad(cast(product_id as varchar), 5, '0'), '/', copy
            ) as sku,
            {one_of(dirt, _VALUES, "product_id, copy")} as value_error,
            -- A row that cannot be true has nothing else wrong with it.
            value_error in ('offer_price_zero', 'offer_units_negative') as is_false,
            if(is_false, null, {one_of(dirt, _NAMES, "product_id, copy")}) as name_error,
            if(is_false, null, {one_of(dirt, _NUMBERS, "product_id, copy")}) as gtin_error,
            if(is_false, null, {one_of(dirt, ["offer_brand_case"], "product_id, copy")}) as brand_error,
            if(is_false, null, {one_of(dirt, ["offer_model_number_missing"], "product_id, copy")}) as model_error
        from everything""")
    connection.sql("update offers set twin_error = null where is_false")
    for column in ("name_error", "gtin_error", "value_error", "brand_error", "model_error", "twin_error"):
        record(dirt, SYSTEM, "supplier_offers", "offers", "sku", column)
    number_products(connection, SYSTEM, "select sku as source_id, product_id from offers")
    with_comma = "replace(cast({0} as varchar), '.', ',')".format
    price = f"if(value_error = 'offer_price_zero', 0, {PRICE})"
    sides = {"length": "Länge", "width": "Breite", "height": "Höhe"}
    sizes = ", ".join(f'{with_comma(f"round({side}_mm / 25.4, 2)")} as "{title} (in)"' for side, title in sides.items())
    row = f"""
        select
            sku as "Artikelnummer", {_gtin()} as "EAN", if(model_error is null, model_number, null) as "Hersteller-Nr.",
            {_name()} as "Bezeichnung",
            if(brand_error is not null, upper(brand), brand) as "Marke",
            {with_comma(price)} as "EK-Preis", 'EUR' as "Währung",
            {sizes},
            case when value_error is distinct from 'offer_weight_missing' then {with_comma("round(weight_g / 453.59237, 4)")} end as "Gewicht (lb)",
            {LEAD_TIME} as "Lieferzeit (Tage)",
            case when value_error = 'offer_units_negative' then -5 else {UNITS} end as "Bestand",
            strftime({CHANGED}, '%d.%m.%Y') as "Stand"
        from offers"""
    iso = """case when "Artikelnummer" in (select sku from offers where value_error = 'offer_date_iso')
        then strftime(strptime("Stand", '%d.%m.%Y'), '%Y-%m-%d') else "Stand" end"""
    rows = f"""
        select * replace ({iso} as "Stand") from (
            from ({row}) union all from ({row}) where "Artikelnummer" in (select sku from offers where value_error = 'offer_row_twice')
        ) order by "Artikelnummer" """
    write_csv(connection, rows, folder / "preisliste.csv", delimiter=";", encoding="latin-1")


def _gtin() -> str:
    """A wrong one has two digits in each other's place; an apostrophe keeps a spreadsheet from reading it as a number."""
    return """case gtin_error
        when 'offer_gtin_missing' then null
        when 'offer_gtin_wrong' then concat(left(gtin, 12), (cast(right(gtin, 1) as integer) + 1 + product_id % 9) % 10)
        when 'offer_gtin_spaces' then concat(substr(gtin, 1, 4), ' ', substr(gtin, 5, 4), ' ', substr(gtin, 9))
        when 'offer_gtin_apostrophe' then concat('''', gtin)
        else gtin end"""


def _name() -> str:
    short = "regexp_replace(regexp_replace(product_name, '([A-Z][a-z]{3})[a-z]{3,}', '\\1.', 'g'), ' No. ', ' Nr. ')"
    return f"""case name_error
        when 'offer_name_brand_last' then concat(trim(replace(product_name, brand, '')), ', ', brand)
        when 'offer_name_abbreviated' then {short}
        when 'offer_name_without_brand' then trim(replace(product_name, brand, ''))
        when 'offer_name_shouted' then upper(product_name)
        else product_name end"""
