"""The market outside the shop."""

from sample_shop.scoring.check import Check, judged, raw

_SCRAPE = "concat(gtin, '/', competitor, '/', written({}))"
# A price that was found on the page of a product that is none of ours carries a number that no product of ours has.
_NO_PRODUCT = "concat('99', substr(gtin, 3), '/', competitor, '/', written(known_at))"

CHECKS = [
    Check(
        "market",
        "competitor_prices",
        refused=raw("gtin", "shop", "scraped_at"),
        judged=judged("competitor_prices", _SCRAPE.format("known_at")),
        found=f"""
            select {_SCRAPE.format("known_at")} as source_key, found.price_cents
            from house.conformed.competitor_prices as found
            join numbers on numbers.house_id = found.product_id join world.products as products on products.product_id = numbers.product_id""",
        true=f"""
            select {_SCRAPE.format("known_at")} as source_key,
                if(is_planted('scrape_price_francs', source_key), in_francs_and_back(prices.price_cents, cast(known_at as date)), prices.price_cents)
                    as price_cents
            from world.competitor_prices as prices join world.products as products using (product_id)
            where not is_planted('scrape_unknown_product', {_NO_PRODUCT})
                and not is_planted('scrape_in_future', {_SCRAPE.format("known_at + interval 40 year")})""",
    ),
    Check(
        "market",
        "competitor_launches",
        refused=raw("shop", "title", "seen_at"),
        judged=judged("competitor_launches", "concat(competitor, '/', product_name, '/', written(known_at))"),
        found="""
            select concat(competitor, '/', product_name, '/', written(known_at)) as source_key, category, price_cents
            from house.conformed.competitor_launches""",
        true="""
            select concat(competitor, '/', product_name, '/', written(known_at)) as source_key, category, price_cents
            from world.competitor_launches""",
    ),
    Check(
        "market",
        "brand_sentiment",
        refused=raw("brand", "sentiment_date"),
        judged=judged("brand_sentiment", "concat(brand, '/', sentiment_date)"),
        found="select concat(brand, '/', sentiment_date) as source_key, sentiment, count_posts, known_at from house.conformed.brand_sentiment",
        true="""
            select concat(brand, '/', sentiment_date) as source_key, sentiment, count_posts, date_trunc('second', known_at) as known_at
            from world.brand_sentiment""",
        known="known_at < as_of()",
    ),
    Check(
        "market",
        "economic_indicators",
        refused=raw("indicator", "period_start_date", "released_at"),
        judged=judged("economic_indicators", "concat(indicator, '/', period_start_date, '/', written(known_at))"),
        found="""
            select concat(indicator, '/', period_start_date, '/', written(known_at)) as source_key, value
            from house.conformed.economic_indicators""",
        true="""
            select concat(indicator, '/', period_start_date, '/', written(known_at)) as source_key, value
            from world.economic_indicators""",
    ),
    Check(
        "market",
        "exchange_rates",
        refused=raw("currency", "rate_date"),
        judged=judged("exchange_rates", "concat(currency, '/', rate_date)"),
        found="""
            select concat(currency, '/', valid_from_date) as source_key, rate from house.conformed.exchange_rates
            where valid_from_date > date '1900-01-01'""",
        true="select concat(currency, '/', rate_date) as source_key, rate from world.exchange_rates",
    ),
]
