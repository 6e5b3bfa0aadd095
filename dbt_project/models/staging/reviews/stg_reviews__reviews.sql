-- Stars come as a number, as "4/5", or as stars. What is none of these, and more stars than there are, is for conformed to refuse.
select
    review_id as review_source_id,
    {{ product_number('product_id') }} as product_source_id,
    customer_id as customer_source_id,
    submitted_at as reviewed_at,
    case
        when {{ matches('trim(rating)', '^[★☆]+$') }} then length(replace(trim(rating), '☆', ''))
        when {{ matches('trim(rating)', '^[0-9]+([.,]0+)? *((/|von|of|out of) *5)? *(stars?|Sterne?)?$') }}
            then try_cast(regexp_extract(trim(rating), '^[0-9]+', 0) as integer)
    end as rating,
    {{ plain_text('title') }} as title,
    {{ plain_text('body') }} as body,
    updated_at,
    load_id
from {{ source('reviews', 'reviews__reviews') }}
