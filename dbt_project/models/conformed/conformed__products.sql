-- Products that were sold but are missing from the catalogue are kept, nameless and no merchandise: nobody could restock or recommend them.
with catalogue as (
    {{ staged('products') }}
    qualify row_number() over (
        partition by system, product_source_id
        order by department, brand, category, product_type, package_size, manufacturer_id, is_merchandise
    ) = 1
),

crosswalk as (
    select * from {{ ref('conformed__product_crosswalk') }}
)

select
    crosswalk.product_id,
    catalogue.manufacturer_id,
    catalogue.department,
    catalogue.brand,
    catalogue.category,
    catalogue.product_type,
    catalogue.package_size,
    coalesce(catalogue.is_merchandise, false) as is_merchandise,
    coalesce(catalogue.is_sold_by_volume, false) as is_sold_by_volume,
    catalogue.product_source_id is not null as is_in_catalogue
from crosswalk
left join catalogue
    on crosswalk.system = catalogue.system and crosswalk.source_product_id = catalogue.product_source_id
