"""The market outside, each source as it comes: a scraper's finds, a statistics office's releases, a mood about brands, exchange rates."""

from pathlib import Path

import duckdb

from sample_shop.dirt import Dirt
from sample_shop.planting import feed, twice, utc, write_csv, write_lines, write_parts
from sample_shop.sources.spellings import amount

SYSTEM = "market"
_PRICES = [
    "scrape_price_sign_first", "scrape_price_code", "scrape_price_francs", "scrape_price_zero", "scrape_price_on_request",
    "scrape_unknown_product", "scrape_in_future", "scrape_row_twice",
]  # fmt: skip
_LAUNCHES = ["launch_category_spelling", "launch_price_code", "launch_row_twice"]
_MOODS = ["sentiment_brand_case", "sentiment_brand_umlaut", "sentiment_brand_hashtag", "sentiment_out_of_range", "sentiment_row_twice"]
_INDICATORS = ["indicator_period_words", "indicator_decimal_comma", "indicator_impossible", "indicator_row_twice"]
_RATES = ["rate_decimal_comma", "rate_zero", "rate_row_twice"]
# What the release of a value that does not exist says.
_NO_VALUE = "-999"
_EUROS = amount("price_cents")
_ON_PAGE = f"concat(replace({_EUROS}, '.', ','), ' €')"


def write(connection: duckdb.DuckDBPyConnection, dirt: Dirt, folder: Path) -> None:
    """Write prices_<quarter>.jsonl, launches.jsonl, sentiment_<year>.jsonl, indicators.csv and exchange_rates.csv."""
    _competitor_prices(connection, dirt, folder)
    _launches(connection, dirt, folder)
    _sentiment(connection, dirt, folder)
    _indicators(connection, dirt, folder)
    _exchange_rates(connection, dirt, folder)


def _competitor_prices(connection: duckdb.DuckDBPyConnection, dirt: Dirt, folder: Path) -> None:
    found = """(
        select prices.*, product_name, our_gtin, coalesce(rate, 1) as rate
        from world.competitor_prices as prices
        inner join (select product_id, product_name, gtin as our_gtin from world.products) as products using (product_id)
        left join world.exchange_rates as rates on rates.rate_date = cast(known_at as date) and rates.currency = 'CHF'
    )"""
    # A product that only the competitor sells has a number that no product of ours has.
    gtin = "if(error = 'scrape_unknown_product', concat('99', substr(our_gtin, 3)), our_gtin)"
    told_at = "if(error = 'scrape_in_future', known_at + interval 40 year, known_at)"
    key = f"concat({gtin}, '/', competitor, '/', {utc(told_at)})"
    feed(dirt, SYSTEM, "competitor_prices", found, _PRICES, "product_id, competitor, known_at", key)
    line = f"""to_json({{
        'scraped_at': {utc(told_at)}, 'shop': competitor, 'gtin': {gtin}, 'title': product_name,
        'price': case error
            when 'scrape_price_sign_first' then concat('€', {_EUROS})
            when 'scrape_price_code' then concat('EUR ', {_EUROS})
            when 'scrape_price_francs' then concat('CHF ', cast(cast(price_cents / 100.0 / rate as decimal(12, 2)) as varchar))
            when 'scrape_price_zero' then '0,00 €'
            when 'scrape_price_on_request' then 'Preis auf Anfrage'
            else {_ON_PAGE} end
    }})"""
    quarter, order = "concat(year(known_at), '-q', quarter(known_at))", "known_at, product_id, competitor"
    write_parts(connection, twice("scrape_row_twice"), quarter, line, order, folder / "prices_{}.jsonl")


def _launches(connection: duckdb.DuckDBPyConnection, dirt: Dirt, folder: Path) -> None:
    key = f"concat(competitor, '/', product_name, '/', {utc('known_at')})"
    feed(dirt, SYSTEM, "competitor_launches", "world.competitor_launches", _LAUNCHES, "competitor, product_name, known_at", key)
    line = f"""to_json({{
        'seen_at': {utc("known_at")}, 'shop': competitor, 'title': product_name,
        'category': if(error = 'launch_category_spelling', upper(replace(category, '&', 'and')), category),
        'price': if(error = 'launch_price_code', concat('EUR ', {_EUROS}), {_ON_PAGE})
    }})"""
    rows = f"{twice('launch_row_twice')} as rows"
    write_lines(connection, f"select {line} from {rows} order by known_at, competitor, product_name", folder / "launches.jsonl")


def _sentiment(connection: duckdb.DuckDBPyConnection, dirt: Dirt, folder: Path) -> None:
    key = "concat(brand, '/', sentiment_date)"
    feed(dirt, SYSTEM, "brand_sentiment", "world.brand_sentiment", _MOODS, "brand, sentiment_date", key)
    line = f"""to_json({{
        'brand': case error
            when 'sentiment_brand_case' then if(count_posts % 2 = 0, upper(brand), lower(brand))
            when 'sentiment_brand_umlaut' then replace(replace(replace(brand, 'ü', 'ue'), 'ö', 'oe'), 'ä', 'ae')
            when 'sentiment_brand_hashtag' then concat('#', brand, ' ')
            else brand end,
        'day': cast(sentiment_date as varchar),
        'sentiment': if(error = 'sentiment_out_of_range', 7.5, sentiment),
        'posts': count_posts,
        'read_at': {utc("known_at")}
    }})"""
    rows, order = twice("sentiment_row_twice"), "sentiment_date, rows.brand"
    write_parts(connection, rows, "year(sentiment_date)", line, order, folder / "sentiment_{}.jsonl")


def _indicators(connection: duckdb.DuckDBPyConnection, dirt: Dirt, folder: Path) -> None:
    key = f"concat(indicator, '/', period_start_date, '/', {utc('known_at')})"
    feed(dirt, SYSTEM, "economic_indicators", "world.economic_indicators", _INDICATORS, "indicator, period_start_date, known_at", key)
    write_csv(
        connection,
        f"""select
            indicator,
            if(error = 'indicator_period_words', strftime(period_start_date, '%b %Y'), strftime(period_start_date, '%Y-%m')) as period,
            case error when 'indicator_decimal_comma' then replace(cast(value as varchar), '.', ',')
                when 'indicator_impossible' then '{_NO_VALUE}' else cast(value as varchar) end as value,
            {utc("known_at")} as released_at
        from {twice("indicator_row_twice")} as rows
        order by known_at, rows.period_start_date, rows.indicator""",
        folder / "indicators.csv",
    )


def _exchange_rates(connection: duckdb.DuckDBPyConnection, dirt: Dirt, folder: Path) -> None:
    feed(dirt, SYSTEM, "exchange_rates", "world.exchange_rates", _RATES, "currency, rate_date", "concat(currency, '/', rate_date)")
    # The zero stands beside the right rate: it was published first, and corrected within the hour.
    write_csv(
        connection,
        f"""select currency, cast(rate_date as varchar) as rate_date, told as rate
        from (
            select *, if(error = 'rate_decimal_comma', replace(cast(rate as varchar), '.', ','), cast(rate as varchar)) as told, 1 as place
            from {twice("rate_row_twice")} as rows
            union all
            select *, '0', 0 from feed where error = 'rate_zero'
        ) as rows order by rows.rate_date, currency, place""",
        folder / "exchange_rates.csv",
    )
