{{ config(
    materialized='by_changed_keys',
    key='return_source_id',
    from_loads='returns',
    times=['returned_at', 'updated_at'],
) }}
-- Judged by itself here; whether there is a sale that it can reverse is conformed.return_matches' business.
select * from (
    {{ judged(
        'returns',
        key=['return_source_id', 'product_source_id'],
        known_at='returned_at',
        checks=[
            ("returned_at is null", "no time of return"),
            ("quantity is null or quantity <= 0", "quantity missing or not positive"),
            ("refund_cents < 0", "refund negative"),
        ],
    ) }}
) as judged
