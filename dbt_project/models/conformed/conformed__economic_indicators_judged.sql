-- A value is known from its release on; what it describes lies before that. A revision is a row of its own.
select * from (
    {{ judged(
        'economic_indicators',
        key=['indicator', 'period_start_date', 'known_at'],
        known_at='known_at',
        checks=[
            ("value is null or isnan(value) or isinf(value)", "value is no number"),
            ("known_at < period_start_date", "known before its period began"),
        ],
    ) }}
) as judged
