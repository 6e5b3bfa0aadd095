"""The product catalogue: a JSON feed of products, a log of prices, the plan of promotions, and stock at the end of every day."""

from pathlib import Path

import duckdb

from sample_shop.dirt import Dirt
from sample_shop.planting import day, feed, number_products, one_of, product, record, twice, utc, write_csv, write_lines, write_parts

SYSTEM = "catalogue"
_NAMES = ["catalogue_name_shouted", "catalogue_name_small", "catalogue_name_spaces", "catalogue_name_entities"]
_BRANDS = ["catalogue_brand_case", "catalogue_brand_legal_form", "catalogue_brand_umlaut"]
_CATEGORIES = ["catalogue_category_case", "catalogue_category_separator", "catalogue_category_and"]
_SIZES = ["catalogue_dimensions_missing", "catalogue_length_unit"]
_LAUNCHED = ["catalogue_launched_dots", "catalogue_launched_words"]
_BROKEN = ["catalogue_price_zero", "catalogue_price_negative", "catalogue_launched_ambiguous"]
_PRICES = [
    "prices_decimal_comma", "prices_currency", "prices_discount_percent", "prices_date_dots",
    "prices_zero", "prices_negative", "prices_discount_impossible", "prices_unknown_product",
]  # fmt: skip
_PROMOTIONS = ["promotions_date_dots", "promotions_discount_percent"]
_STOCK = ["stock_negative", "stock_unknown_product", "stock_confusable_id", "stock_date_dots"]


def write(connection: duckdb.DuckDBPyConnection, dirt: Dirt, folder: Path) -> None:
    """Write products.json, prices_<year>.jsonl, promotions.csv and stock_<month>.csv.gz."""
    number_products(connection, SYSTEM, f"select {product('product_id')} as source_id, product_id from world.products")
    _products(connection, dirt, folder)
    _prices(connection, dirt, folder)
    _promotions(connection, dirt, folder)
    _stock(connection, dirt, folder)


def _products(connection: duckdb.DuckDBPyConnection, dirt: Dirt, folder: Path) -> None:
    kinds = {"name": _NAMES, "brand": _BRANDS, "category": _CATEGORIES, "size": _SIZES, "launch": _LAUNCHED}
    errors = {kind: one_of(dirt, names, "product_id") for kind, names in kinds.items()}
    errors["weight"] = one_of(dirt, ["catalogue_weight_unit"], "product_id")
    errors["version"] = one_of(dirt, ["catalogue_older_version"], "product_id")
    errors["copy"] = one_of(dirt, ["catalogue_duplicate"], "product_id")
    errors["broken"] = one_of(dirt, _BROKEN, "product_id")
    connection.sql(f"""create or replace temp table feed as
        select *, greatest(cast(launched_date as timestamp), timestamp '2023-01-01') + interval 5 hour + to_minutes(product_id % 600) as changed_at,
            {", ".join(f"{sql} as {kind}_error" for kind, sql in errors.items())}
        from world.products""")
    for kind in errors:
        record(dirt, SYSTEM, "products", "feed", product("product_id"), f"{kind}_error")
    rows = {
        "good": (_product_json(dirt), "true"),
        "copy": (_product_json(dirt), "copy_error is not null"),
        # What the feed said before the name was settled, and an update that cannot be true.
        "older": (_product_json(dirt, name="concat(product_name, ' (new)')", changed_at="changed_at - interval 2 hour"), "version_error is not null"),
        "broken": (
            _product_json(dirt, price=_broken_price(), launched=_broken_launch(), changed_at="changed_at + interval 3 day"),
            "broken_error is not null",
        ),
    }  # fmt: skip
    union = " union all ".join(
        f"select product_id, {place} as place, {line} as line from feed where {where}" for place, (line, where) in enumerate(rows.values())
    )
    comma = "case when row_number() over (order by product_id, place) > 1 then ',' end"
    lines = f"select concat({comma}, line) from ({union}) as lines order by product_id, place"
    write_lines(connection, lines, folder / "products.json", head='{"feed": "catalogue", "products": [\n', tail="]}\n")


def _product_json(
    dirt: Dirt, name: str | None = None, price: str = "price_cents / 100.0", launched: str | None = None, changed_at: str = "changed_at"
) -> str:
    """SQL for one product of the feed as text."""
    length_unit, weight_unit = dirt.pick("catalogue_length_unit", "product_id", 2), dirt.pick("catalogue_weight_unit", "product_id", 3)
    unit = f"case when size_error = 'catalogue_length_unit' then ['cm', 'in'][1 + {length_unit}] else 'mm' end"
    sizes = ", ".join(
        f"'{side}': case {unit} when 'cm' then {side}_mm / 10.0 when 'in' then round({side}_mm / 25.4, 4) else {side}_mm end"
        for side in ("length", "width", "height")
    )
    weigh = f"case when weight_error is not null then ['kg', 'lb', 'oz'][1 + {weight_unit}] else 'g' end"
    weight = f"""case {weigh} when 'kg' then weight_g / 1000.0 when 'lb' then round(weight_g / 453.59237, 5)
        when 'oz' then round(weight_g / 28.349523125, 4) else weight_g end"""
    return f"""to_json({{
        'product_id': {product("product_id")}, 'name': {name or _name()}, 'brand': {_brand()}, 'category': {{'path': {_category()}}},
        'price': {{'amount': cast({price} as decimal(12, 2)), 'currency': 'EUR'}},
        'dimensions': case when size_error is distinct from 'catalogue_dimensions_missing' then {{{sizes}, 'unit': {unit}}} end,
        'weight': {{'value': {weight}, 'unit': {weigh}}},
        'description': description, 'gtin': gtin, 'model_number': model_number, 'launched': {launched or _launch()},
        'updated_at': {utc(changed_at)}
    }})"""


def _name() -> str:
    return """case name_error
        when 'catalogue_name_shouted' then upper(product_name)
        when 'catalogue_name_small' then lower(product_name)
        when 'catalogue_name_spaces' then concat('  ', replace(product_name, ' ', '   '), chr(160))
        when 'catalogue_name_entities'
            then replace(replace(replace(replace(product_name, '&', '&amp;'), 'ü', '&uuml;'), 'ö', '&#246;'), ' ', '&nbsp;')
        else product_name end"""


def _brand() -> str:
    return """case brand_error
        when 'catalogue_brand_case' then if(product_id % 2 = 0, upper(brand), lower(brand))
        when 'catalogue_brand_legal_form' then concat(brand, if(product_id % 2 = 0, ' GmbH', ' AG'))
        when 'catalogue_brand_umlaut' then replace(replace(replace(brand, 'ü', 'ue'), 'ö', 'oe'), 'ä', 'ae')
        else brand end"""


def _category() -> str:
    path = "concat_ws(' > ', department, category, product_type)"
    return f"""case category_error
        when 'catalogue_category_case' then if(product_id % 2 = 0, upper({path}), lower({path}))
        when 'catalogue_category_separator' then concat_ws(['/', ' | ', ' » '][1 + product_id % 3], department, category, product_type)
        when 'catalogue_category_and' then replace({path}, '&', if(product_id % 2 = 0, 'and', '&amp;'))
        else {path} end"""


def _launch() -> str:
    return """case launch_error when 'catalogue_launched_dots' then strftime(launched_date, '%d.%m.%Y')
        when 'catalogue_launched_words' then strftime(launched_date, '%d %b %Y') else strftime(launched_date, '%Y-%m-%d') end"""


def _broken_price() -> str:
    return """case broken_error when 'catalogue_price_zero' then 0 when 'catalogue_price_negative' then -price_cents / 100.0
        else price_cents / 100.0 end"""


def _broken_launch() -> str:
    """The day and the month could each be the other."""
    either = "concat('0', 1 + product_id % 4, '/0', 5 + product_id % 5, '/2024')"
    return f"case broken_error when 'catalogue_launched_ambiguous' then {either} else {_launch()} end"


def _prices(connection: duckdb.DuckDBPyConnection, dirt: Dirt, folder: Path) -> None:
    key = f"concat({product('product_id')}, '/', valid_from_date)"
    connection.sql(f"""create or replace temp table feed as
        select prices.*, coalesce(rate, 1) as rate, {one_of(dirt, _PRICES, "prices.product_id, valid_from_date")} as error,
            case when error is null then {one_of(dirt, ["prices_duplicate"], "prices.product_id, valid_from_date")} end as copy_error
        from world.prices
        left join world.exchange_rates as rates on rates.rate_date = valid_from_date and rates.currency = 'CHF'""")
    written = f"case when error = 'prices_unknown_product' then {product('product_id + 900000')} else {product('product_id')} end"
    record(dirt, SYSTEM, "prices", "feed", f"concat({written}, '/', valid_from_date)")
    record(dirt, SYSTEM, "prices", "feed", key, "copy_error")
    euros = "cast(price_cents / 100.0 as decimal(12, 2))"
    line = f"""to_json({{
        'product_id': {written},
        'valid_from': {day("valid_from_date", "error = 'prices_date_dots'")},
        'price': {{
            'amount': case error
                when 'prices_decimal_comma' then replace(cast({euros} as varchar), '.', ',')
                when 'prices_zero' then '0.00'
                when 'prices_negative' then cast(-{euros} as varchar)
                when 'prices_currency' then cast(cast(price_cents / 100.0 / rate as decimal(12, 2)) as varchar)
                else cast({euros} as varchar) end,
            'currency': if(error = 'prices_currency', 'CHF', 'EUR')
        }},
        'discount': case error
            when 'prices_discount_percent' then concat(cast(round(discount_share * 100) as integer), ' %')
            when 'prices_discount_impossible' then '170 %'
            else cast(cast(discount_share as decimal(4, 2)) as varchar) end
    }})"""
    rows, order = twice("prices_duplicate", "copy_error"), "valid_from_date, product_id"
    write_parts(connection, rows, "year(valid_from_date)", line, order, folder / "prices_{}.jsonl")


def _promotions(connection: duckdb.DuckDBPyConnection, dirt: Dirt, folder: Path) -> None:
    feed(dirt, SYSTEM, "promotions", "world.promotions", _PROMOTIONS, "promotion_id", "cast(promotion_id as varchar)")
    is_dotted, share = "error = 'promotions_date_dots'", "cast(cast(discount_share as decimal(4, 2)) as varchar)"
    percent = "concat(cast(round(discount_share * 100) as integer), '%')"
    write_csv(
        connection,
        f"""select promotion_id, {product("product_id")} as product_id, {day("week_start_date", is_dotted)} as "from",
            {day("week_end_date", is_dotted)} as "to", if(error = 'promotions_discount_percent', {percent}, {share}) as discount
        from feed order by feed.promotion_id""",
        folder / "promotions.csv",
    )


def _stock(connection: duckdb.DuckDBPyConnection, dirt: Dirt, folder: Path) -> None:
    chance = "product_id, stock_date"
    # The first letter of an id in Cyrillic looks the same.
    written = f"""case error when 'stock_unknown_product' then {product("product_id + 900000")}
        when 'stock_confusable_id' then replace({product("product_id")}, 'P', 'Р') else {product("product_id")} end"""
    connection.sql(f"""create or replace temp table bad as
        select product_id, stock_date, {one_of(dirt, _STOCK, chance)} as error,
            case when error is null then {one_of(dirt, ["stock_duplicate"], chance)} end as copy_error, {written} as written
        from world.stock_levels where coalesce(error, copy_error) is not null""")
    for column in ("error", "copy_error"):
        record(dirt, SYSTEM, "stock_levels", "bad", "concat(written, '/', stock_date)", column)
    line = f"""concat(written, ',', {day("stock_date", "error = 'stock_date_dots'")}, ',',
        if(error = 'stock_negative', -1 - units_on_hand, units_on_hand), ',', units_on_order)"""
    for (first,) in connection.sql("select distinct date_trunc('month', stock_date) from world.stock_levels order by 1").fetchall():
        connection.sql(f"""create or replace temp table feed as
            select levels.*, coalesce(written, {product("product_id")}) as written, error, copy_error
            from world.stock_levels as levels left join bad using (product_id, stock_date)
            where stock_date >= date '{first}' and stock_date < date '{first}' + interval 1 month""")
        write_lines(
            connection,
            f"select {line} from {twice('stock_duplicate', 'copy_error')} as rows order by stock_date, product_id",
            folder / f"stock_{first:%Y-%m}.csv.gz",
            head="product_id,stock_date,units_on_hand,units_on_order\n",
        )
