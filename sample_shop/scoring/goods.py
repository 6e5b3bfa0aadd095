"""Products, their prices and stock, what a supplier offers of them, and what is written of them."""

from sample_shop.scoring.check import Check, customer, judged, raw
from sample_shop.sources import reviews, supplier

_NO_SIZES = "is_planted('catalogue_dimensions_missing', product_number(product_id))"
_SIZES = ", ".join(f"cast(if({_NO_SIZES}, null, {side}_mm) as double) as {side}_mm" for side in ("length", "width", "height"))
_PRICE_KEY = "concat(product_number(product_id), '/', valid_from_date)"
_STOCK_KEY = "concat(product_number(product_id), '/', stock_date)"
_OF_NO_PRODUCT = "concat(product_number(product_id + 900000), '/', {})"

CHECKS = [
    Check(
        "catalogue",
        "products",
        refused=raw("product_id"),
        judged=judged("products", "product_source_id"),
        found="""
            select coalesce(number, found.product_id) as source_key, product_name, brand, department, category, product_type, gtin,
                list_price_cents, currency, weight_g, length_mm, width_mm, height_mm, launched_date
            from house.conformed.products as found left join numbers on numbers.house_id = found.product_id
            where is_in_catalogue""",
        true=f"""
            select product_number(product_id) as source_key, product_name, brand, department, category, product_type, gtin,
                price_cents as list_price_cents, 'EUR' as currency, cast(weight_g as double) as weight_g, {_SIZES}, launched_date
            from world.products""",
    ),
    Check(
        "catalogue",
        "prices",
        refused=raw("product_id", "valid_from_date"),
        judged=judged("prices", "concat(product_source_id, '/', valid_from_date)"),
        found="""
            select concat(coalesce(number, found.product_id), '/', valid_from_date) as source_key, list_price_cents,
                round(discount_share, 6) as discount_share
            from house.conformed.prices as found left join numbers on numbers.house_id = found.product_id""",
        true=f"""
            select {_PRICE_KEY} as source_key,
                if(is_planted('prices_currency', {_PRICE_KEY}), in_francs_and_back(price_cents, valid_from_date), price_cents) as list_price_cents,
                round(discount_share, 6) as discount_share
            from world.prices where not is_planted('prices_unknown_product', {_OF_NO_PRODUCT.format("valid_from_date")})""",
    ),
    Check(
        "catalogue",
        "promotions",
        refused=raw("promotion_id"),
        judged=None,
        found="""
            select promotion_id as source_key, house_id as product_id, week_start_date, week_end_date, round(discount_share, 6) as discount_share
            from (select distinct promotion_id, product_id as number, first_date as week_start_date from house.landing.catalogue__promotions)
            join numbers using (number) join house.conformed.promotions as found using (week_start_date)
            where numbers.house_id = found.product_id""",
        true="""
            select cast(promotion_id as varchar) as source_key, house_id as product_id, week_start_date, week_end_date,
                round(discount_share, 6) as discount_share
            from world.promotions join numbers using (product_id)""",
    ),
    Check(
        "catalogue",
        "stock_levels",
        refused=raw("product_id", "stock_date"),
        judged=judged("stock_levels", "concat(product_source_id, '/', stock_date)"),
        found="""
            select concat(coalesce(number, found.product_id), '/', stock_date) as source_key, units_on_hand, units_on_order
            from house.conformed.stock_levels as found left join numbers on numbers.house_id = found.product_id""",
        true=f"""
            select {_STOCK_KEY} as source_key, units_on_hand, units_on_order from world.stock_levels
            where not is_planted('stock_unknown_product', {_OF_NO_PRODUCT.format("stock_date")})
                and not is_planted('stock_confusable_id', replace({_STOCK_KEY}, 'P', 'Р'))""",
    ),
    # A wrong trade item number is none.
    Check(
        "supplier",
        "supplier_offers",
        landed="offers",
        refused=raw("supplier_sku"),
        judged=judged("supplier_offers", "supplier_sku"),
        found="""
            select supplier_sku as source_key, gtin, brand, price_cents, weight_g, lead_time_days, units_available, updated_at
            from house.conformed.supplier_offers""",
        true=f"""
            select sku as source_key,
                if(is_planted('offer_gtin_missing', sku) or is_planted('offer_gtin_wrong', sku), null, gtin) as gtin, brand,
                cast(100 * {supplier.PRICE} as bigint) as price_cents,
                if(is_planted('offer_weight_missing', sku), null, cast(weight_g as double)) as weight_g,
                {supplier.LEAD_TIME} as lead_time_days, {supplier.UNITS} as units_available, cast({supplier.CHANGED} as timestamp) as updated_at
            from (select source_id as sku, product_id from truth.product_numbers where system = 'supplier')
            join world.products using (product_id)""",
    ),
    Check(
        "reviews",
        "reviews",
        refused=raw("review_id"),
        judged=judged("reviews", "review_source_id"),
        found=f"""
            select review_id as source_key, found.product_id, coalesce(whose.customer_id, found.customer_id) as customer_id, reviewed_at,
                rating, title, body
            from house.conformed.reviews as found {customer("found.customer_id")}""",
        true=f"""
            select source_key, house_id as product_id, customer_id, date_trunc('second', reviewed_at) as reviewed_at, rating,
                concat(title, added) as title, concat(body, added) as body
            from (
                select *, numbered('V', review_id) as source_key,
                    case when is_planted('review_emoji', source_key) then ' {reviews.EMOJI}'
                        when is_planted('review_prompt', source_key) then ' ' || {reviews.prompt_of("review_id")} end as added
                from world.reviews
            ) as written
            join numbers using (product_id) left join review_customers using (review_id) left join accounts using (customer_number)""",
    ),
]
