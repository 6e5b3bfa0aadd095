"""What is known of a product's stock before a day. Of one that was not told of for STILL_TOLD_DAYS, while others were, nobody knows what is left:
shops leave out what they have given up, and a feed that stands still as a whole takes nothing away."""

STILL_TOLD_DAYS = 30
# SQL: of each product the newest row before $day, the first day on which it could be had, and whether it is told of still.
NEWEST = f"""
    select *, min(stock_date) filter (where not is_out_of_stock) over (partition by product_id) as first_stock_date,
        stock_date >= max(stock_date) over () - {STILL_TOLD_DAYS} as is_still_told
    from marts.stock_levels where stock_date < $day
    qualify row_number() over (partition by product_id order by stock_date desc) = 1
"""
