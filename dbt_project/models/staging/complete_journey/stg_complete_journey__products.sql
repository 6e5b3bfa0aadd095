-- What is no merchandise is this shop's own knowledge: fuel is sold by volume, and coupons, deposits, tickets, gift cards and
-- the store's own supplies are rung up as products. Rows of MISCELLANEOUS without a category say nothing of what was sold.
select
    product_id::string as product_source_id,
    manufacturer_id::string as manufacturer_id,
    department,
    brand,
    product_category as category,
    product_type,
    package_size,
    coalesce(product_type = 'GASOLINE-REG UNLEADED' or product_category = 'FUEL', false) as is_sold_by_volume,
    not coalesce(product_type = 'GASOLINE-REG UNLEADED' or product_category = 'FUEL', false)
    and coalesce(department, '') not in (
        '', 'FUEL', 'COUPON', 'MISCELLANEOUS', 'CHARITABLE CONT', 'CNTRL/STORE SUP', 'GM MERCH EXP', 'POSTAL CENTER', 'PROD-WHS SALES'
    )
    and coalesce(product_category, '') not in (
        'COUPON/MISC ITEMS', 'COUPONS/STORE & MFG', 'COUPON', 'BOTTLE DEPOSITS', 'TICKETS', 'PROD SUPPLIES', 'DELI SUPPLIES', 'MEAT SUPPLIES'
    ) as is_merchandise,
    load_id
from {{ source('complete_journey', 'complete_journey__products') }}
