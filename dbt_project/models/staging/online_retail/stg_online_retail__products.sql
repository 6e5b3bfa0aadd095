-- The source has no catalogue: a product is what its lines say. Of the names that its sales gave a code the most frequent one counts;
-- names in small letters are clerks' notes ("damaged", "lost?", "wet"), and lines without a price were no sales.
-- Lines are counted by what stands in them before anything is made of it: there are few spellings, and many lines.
with written as (
    select
        stock_code,
        description,
        count(*) filter (where unit_price > 0 and quantity > 0) as count_lines
    from {{ source('online_retail', 'online_retail__transactions') }}
    where invoiced_at < {{ as_of_timestamp() }}
    group by 1, 2
),

named as (
    select
        upper(trim(stock_code)) as product_source_id,
        upper(trim(description)) as product_name,
        sum(count_lines) as count_lines
    from written
    where count_lines > 0 and description = upper(description)
    group by 1, 2
),

codes as (
    select distinct upper(trim(stock_code)) as product_source_id from written
),

best as (
    select
        product_source_id,
        product_name,
        row_number() over (partition by product_source_id order by count_lines desc, product_name asc) as place
    from named
)

select
    codes.product_source_id,
    best.product_name,
    -- Goods have five digits, and letters for a colour, or begin with DCGS; everything else is postage, fees, samples, vouchers and
    -- manual entries.
    regexp_matches(codes.product_source_id, '^([0-9][0-9][0-9][0-9][0-9][A-Z]*|DCGS[0-9]+[A-Z]*)$') as is_merchandise,
    cast(null as varchar) as load_id
from codes
left join best on codes.product_source_id = best.product_source_id and best.place = 1
