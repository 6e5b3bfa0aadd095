-- Names, brands and categories come in many spellings: of each the usual one counts. A name in capitals is written as its words are elsewhere.
with decoded as (
    select
        * replace (
            {{ plain_text('name') }} as name,
            {{ plain_text('brand') }} as brand,
            {{ plain_text('category_path') }} as category_path
        )
    from {{ source('catalogue', 'catalogue__products') }}
),

plain as (
    select
        {{ product_number('product_id') }} as product_source_id,
        {{ one_line('name') }} as name,
        {{ one_line('brand') }} as brand,
        {{ replaced(one_line('category_path'), ' *[>/|»›] *', '>') }} as category_path,
        description,
        {{ trade_item_number('gtin') }} as gtin,
        nullif(trim(model_number), '') as model_number,
        {{ to_cents(written_amount('price_amount')) }} as list_price_cents,
        {{ currency_code('price_currency') }} as currency,
        {{ in_millimetres('length', 'length_unit') }} as length_mm,
        {{ in_millimetres('width', 'length_unit') }} as width_mm,
        {{ in_millimetres('height', 'length_unit') }} as height_mm,
        {{ in_grams('weight', 'weight_unit') }} as weight_g,
        launched_date,
        updated_at,
        load_id
    from decoded
),

well_named as (
    select * from plain
    where name not in (upper(name), lower(name))
),

word_writings as (
    {{ word_writings('well_named', 'name') }}
),

brands_of_names as (
    select split_part(name, ' ', 1) as brand from well_named
),

-- A name begins with its brand: a second witness of how it is spelled.
brands as (
    {{ usual_spellings(['plain', 'brands_of_names'], 'brand') }}
),

departments as (
    {{ usual_spellings(['plain'], "nullif(split_part(category_path, '>', 1), '')") }}
),

categories as (
    {{ usual_spellings(['plain'], "nullif(split_part(category_path, '>', 2), '')") }}
),

product_types as (
    {{ usual_spellings(['plain'], "nullif(split_part(category_path, '>', 3), '')") }}
)

select
    plain.product_source_id,
    case
        when plain.name in (upper(plain.name), lower(plain.name)) then {{ recased('plain.name', 'word_writings.writings') }}
        else plain.name
    end as product_name,
    plain.description,
    brands.spelling as brand,
    departments.spelling as department,
    categories.spelling as category,
    product_types.spelling as product_type,
    plain.gtin,
    plain.model_number,
    plain.list_price_cents,
    plain.currency,
    plain.weight_g,
    plain.length_mm,
    plain.width_mm,
    plain.height_mm,
    plain.launched_date,
    plain.updated_at,
    plain.load_id
from plain
cross join word_writings
left join brands on {{ spelling_key('plain.brand') }} = brands.spelling_key
left join departments on {{ spelling_key("split_part(plain.category_path, '>', 1)") }} = departments.spelling_key
left join categories on {{ spelling_key("split_part(plain.category_path, '>', 2)") }} = categories.spelling_key
left join product_types on {{ spelling_key("split_part(plain.category_path, '>', 3)") }} = product_types.spelling_key
