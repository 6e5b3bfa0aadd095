{{ config(
    materialized='by_changed_keys',
    key='order_source_id',
    from_loads='order_lines',
    times=['ordered_at', 'updated_at'],
    changed_by={
        'conformed__orders': 'select order_id from {changes}',
        'conformed__orders_judged': 'select order_source_id from {changes}',
        'conformed__exchange_rates': "
            select lines.order_source_id from {this} as lines inner join {changes} as rates
            on lines.currency = rates.currency and cast(lines.ordered_at as date) >= rates.valid_from_date
                and cast(lines.ordered_at as date) < rates.valid_to_date",
    },
) }}
-- A line that cannot be true is quarantined; one that the run may not know yet, or that came twice, is dropped.
-- Without an order beside it a line must say itself who bought and when; with one, the order does, and a line of an unknown order waits
-- in quarantine until a later build finds its order.
{%- set content = var('entities')['order_lines'].keys() | list %}
with lines as (
    select
        *,
        {{ row_hash(content) }} as content_hash
    from (
        {{ staged('order_lines') }}
    ) as staged_lines
    where true {{ only_changed('order_source_id') }}
),

completed as (
    select
        lines.system,
        lines.load_id,
        {%- for column in content if column not in ('customer_source_id', 'ordered_at', 'currency') %}
        lines.{{ column }},
        {%- endfor %}
        coalesce(lines.customer_source_id, orders.customer_id) as customer_source_id,
        coalesce(orders.ordered_at, lines.ordered_at) as ordered_at,
        upper(coalesce(lines.currency, orders.currency, '{{ var("currency") }}')) as currency,
        orders.order_id is not null as has_order,
        waiting.order_source_id is not null as is_order_unknown_yet,
        coalesce(orders.status = 'cancelled', false) as is_cancelled,
        -- A source that numbers no lines: what is the same in all columns is the same line, what differs is another one.
        coalesce(lines.order_line_source_id, lines.product_source_id || '/' || lines.content_hash) as line_key
    from lines
    left join {{ ref('conformed__orders') }} as orders on lines.order_source_id = orders.order_id
    left join (
        select distinct order_source_id
        from {{ ref('conformed__orders_judged') }}
        where drop_reason = 'not known before as_of_date'
    ) as waiting on lines.order_source_id = waiting.order_source_id
),

converted as (
    select
        completed.*,
        rates.rate,
        {{ local_date('completed.ordered_at') }} as order_date
    from completed
    left join {{ ref('conformed__exchange_rates') }} as rates on {{ rate_of('completed.currency', 'completed.ordered_at') }}
)

select * from (
    {{ judged(
        'order_lines',
        key=['order_source_id', 'line_key'],
        required=['order_source_id', 'product_source_id'],
        known_at="case when is_order_unknown_yet then " ~ end_of_time() ~ " else ordered_at end",
        checks=[
            ("ordered_at is null and not is_order_unknown_yet", "order unknown" if has('orders') else "no time of order"),
            ("quantity is null or quantity < 0", "quantity missing or negative"),
            ("sales_cents is null or sales_cents < 0", "sales missing or negative"),
            ("rate is null and not is_order_unknown_yet", "no exchange rate for its currency"),
        ],
        rows='converted',
        keep=['order_date', 'rate', 'is_cancelled'],
    ) }}
) as judged
