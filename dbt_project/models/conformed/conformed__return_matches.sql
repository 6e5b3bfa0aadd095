{{ config(
    materialized='by_changed_keys',
    key='match_key',
    changed_by={
        'conformed__returns_judged': "select " ~ match_key('product_source_id', 'order_source_id', 'customer_source_id') ~ " from {changes}",
        'conformed__sold_lines': "
            select match_key from (
                select " ~ match_key('product_id', 'order_id', 'null') ~ " as match_key from {changes}
                union all
                select " ~ match_key('product_id', 'null', 'customer_id') ~ " from {changes}
            ) where match_key is not null",
    },
) }}
-- Which sale a return reverses, and how many units of it.
-- A return that names its order reverses that order's line. One that does not reverses the newest earlier sale of the same customer, product,
-- quantity and price that no other return reversed, found as brackets are matched: the last sale that brought the count of open ones to
-- where the return finds it. What is left reverses the customer's oldest units of the product that have not come back yet.
with returns as (
    select
        return_source_id as return_id,
        order_source_id as order_id,
        product_source_id as product_id,
        customer_source_id as customer_id,
        returned_at,
        quantity,
        coalesce(refund_cents, 0) as refund_cents,
        {{ match_key('product_source_id', 'order_source_id', 'customer_source_id') }} as match_key,
        row_number() over (order by returned_at, return_source_id, product_source_id) as return_number
    from {{ ref('conformed__returns_judged') }}
    where
        quarantine_reason is null
        and drop_reason is null
        {{ only_changed(match_key('product_source_id', 'order_source_id', 'customer_source_id')) }}
),

sales as (
    select
        order_id,
        product_id,
        customer_id,
        ordered_at,
        quantity,
        sales_cents
    from {{ ref('conformed__sold_lines') }}
    where line_type in ('sale', 'free')
),

-- The sales that a return without an order may reverse.
sales_of_customers as (
    select sales.* from sales
    semi join (
        select distinct
            customer_id,
            product_id
        from returns
        where order_id is null
    ) as returned on sales.customer_id = returned.customer_id and sales.product_id = returned.product_id
),

named as (
    select
        returns.return_id,
        returns.match_key,
        returns.return_number,
        sales.order_id,
        sales.product_id,
        returns.returned_at,
        least(
            returns.quantity,
            greatest(0, sales.quantity - coalesce(sum(returns.quantity) over (
                partition by sales.order_id, sales.product_id
                order by returns.return_number
                rows between unbounded preceding and 1 preceding
            ), 0))
        ) as units,
        returns.quantity as units_of_return,
        returns.refund_cents
    from returns
    inner join sales on returns.order_id = sales.order_id and returns.product_id = sales.product_id
),

-- Brackets: a sale opens one, a return closes the newest that is open. Returns before any sale close nothing.
brackets as (
    select
        customer_id,
        product_id,
        quantity,
        sales_cents as amount_cents,
        ordered_at as happened_at,
        order_id,
        cast(null as bigint) as return_number,
        1 as step
    from sales_of_customers
    union all
    select
        customer_id,
        product_id,
        quantity,
        refund_cents as amount_cents,
        returned_at as happened_at,
        null as order_id,
        return_number,
        -1 as step
    from returns
    where order_id is null and customer_id is not null
),

counted as (
    select
        *,
        sum(step) over in_time as total,
        min(happened_at) over (partition by customer_id, product_id, quantity, amount_cents) as first_at
    from brackets
    window in_time as (
        partition by customer_id, product_id, quantity, amount_cents
        order by happened_at asc, step desc, order_id asc, return_number asc
        rows between unbounded preceding and current row
    )
),

levelled as (
    select
        *,
        total - least(0, min(total) over (
            partition by customer_id, product_id, quantity, amount_cents
            order by happened_at asc, step desc, order_id asc, return_number asc
            rows between unbounded preceding and current row
        )) as open_after
    from counted
),

paired as (
    select
        *,
        -- A return that finds n open closes the n-th; a sale that leaves n open is the n-th.
        last_value(order_id ignore nulls) over (
            partition by customer_id, product_id, quantity, amount_cents, case when step = 1 then open_after else open_after + 1 end
            order by happened_at asc, step desc, order_id asc, return_number asc
            rows between unbounded preceding and current row
        ) as paired_order_id,
        lag(open_after, 1, 0) over (
            partition by customer_id, product_id, quantity, amount_cents
            order by happened_at asc, step desc, order_id asc, return_number asc
        ) as open_before
    from levelled
),

exact as (
    select
        returns.return_id,
        returns.match_key,
        returns.return_number,
        paired.paired_order_id as order_id,
        returns.product_id,
        returns.returned_at,
        returns.quantity as units,
        returns.quantity as units_of_return,
        returns.refund_cents
    from paired
    inner join returns on paired.return_number = returns.return_number
    where paired.step = -1 and paired.open_before > 0
),

-- What is left: units of returns laid along the units sold before them, oldest first.
unmatched as (
    select returns.* from returns
    anti join exact on returns.return_number = exact.return_number
    where returns.order_id is null and returns.customer_id is not null
),

unreturned as (
    select
        sales.customer_id,
        sales.product_id,
        sales.order_id,
        sales.ordered_at,
        sales.quantity - coalesce(taken.units, 0) as quantity
    from sales_of_customers as sales
    inner join (
        select distinct
            customer_id,
            product_id
        from unmatched
    ) as wanted on sales.customer_id = wanted.customer_id and sales.product_id = wanted.product_id
    left join (
        select
            order_id,
            product_id,
            sum(units) as units
        from exact
        group by 1, 2
    ) as taken on sales.order_id = taken.order_id and sales.product_id = taken.product_id
    where sales.quantity > coalesce(taken.units, 0)
),

sold_units as (
    select
        *,
        sum(quantity) over (partition by customer_id, product_id order by ordered_at, order_id rows unbounded preceding) as sold_until
    from unreturned
),

sold_before as (
    select
        unmatched.return_number,
        coalesce(max(sold_units.sold_until), 0) as units
    from unmatched
    left join sold_units
        on
            unmatched.customer_id = sold_units.customer_id
            and unmatched.product_id = sold_units.product_id
            and unmatched.returned_at >= sold_units.ordered_at
    group by 1
),

returned_units as (
    select
        unmatched.*,
        sold_before.units as sold_units,
        sum(unmatched.quantity) over in_time as returned_until
    from unmatched
    inner join sold_before on unmatched.return_number = sold_before.return_number
    window in_time as (partition by unmatched.customer_id, unmatched.product_id order by unmatched.return_number rows unbounded preceding)
),

-- No more can come back than was sold by then: matched_until = min over the returns so far of (sold by then + returned since).
laid as (
    select
        *,
        returned_until + least(0, min(sold_units - returned_until) over (
            partition by customer_id, product_id
            order by return_number
            rows unbounded preceding
        )) as matched_until
    from returned_units
),

spans as (
    select
        *,
        lag(matched_until, 1, 0) over (partition by customer_id, product_id order by return_number) as matched_from
    from laid
),

oldest as (
    select
        spans.return_id,
        spans.match_key,
        spans.return_number,
        sold_units.order_id,
        spans.product_id,
        spans.returned_at,
        least(spans.matched_until, sold_units.sold_until)
        - greatest(spans.matched_from, sold_units.sold_until - sold_units.quantity) as units,
        spans.quantity as units_of_return,
        spans.refund_cents
    from spans
    inner join sold_units
        on
            spans.customer_id = sold_units.customer_id
            and spans.product_id = sold_units.product_id
            and spans.matched_until > sold_units.sold_until - sold_units.quantity
            and spans.matched_from < sold_units.sold_until
),

matches as (
    select * from named
    where units > 0
    union all
    select * from exact
    union all
    select * from oldest
    where units > 0
)

select
    return_id,
    match_key,
    product_id,
    order_id,
    returned_at,
    {{ local_date('returned_at') }} as return_date,
    cast(units as bigint) as units,
    cast(units_of_return as bigint) as units_of_return,
    cast(round(cast(refund_cents as double) * units / units_of_return) as bigint) as refund_cents
from matches
