{{ judged(
    'survey_answers',
    key=['answer_source_id'],
    known_at='answered_at',
    checks=[
        ("answered_at is null", "no time of answer"),
        ("not coalesce(score, 0) between 0 and 10", "score out of range"),
        ("score is null and trim(coalesce(comment, '')) = ''", "neither a score nor a comment"),
    ],
) }}
