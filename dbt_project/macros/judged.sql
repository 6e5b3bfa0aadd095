{#
    Every staged row of an entity with what becomes of it: quarantine_reason where it cannot be true, drop_reason where it is left out on
    purpose, neither where it is accepted.

    key         columns that name one thing; of several rows of a key the newest version is accepted, by the source's version
    required    columns that a row must have, the key where nothing else is said
    known_at    SQL for the timestamp (UTC) from which on a row is known, known_date for the date; neither where rows carry no time
    checks      list of (condition, reason): what quarantines a row, the first that holds
    version     SQL for the source's version of a row, where it is not updated_at
    rows        a relation with the staged columns and whatever the checks need, in place of the staged rows
    keep        columns of it to hand on

    What is not known yet is neither true nor false yet. Which version is newer is the source's word, never the time of arrival; between
    equals the content decides, so that the order in which loads came changes nothing. A version that is newer than the run's date yields to
    one that was known.
#}
{% macro judged(entity, key, required=none, known_at=none, known_date=none, version=none, checks=[], rows=none, keep=[]) -%}
    {%- set contract = var('entities')[entity] -%}
    {%- set columns = (contract.keys() | list) + keep -%}
    {%- set version = version or ('updated_at' if 'updated_at' in contract else 'cast(null as timestamp)') -%}
    {%- set not_known_yet = [] -%}
    {%- if known_at %}{% do not_known_yet.append(known_at ~ ' >= ' ~ as_of_timestamp()) %}{% endif -%}
    {%- if known_date %}{% do not_known_yet.append(known_date ~ ' >= ' ~ as_of_date()) %}{% endif -%}
    with judged_rows as (
        {% if rows %}select * from {{ rows }}{% else %}select * from ({{ staged(entity) }}) as staged_rows where true {{ only_changed(key[0]) }}{% endif %}
    ),

    checked as (
        select
            *,
            {{ row_hash(columns) }} as row_hash,
            case
                {%- if 'drop_reason' in contract %}
                when drop_reason is not null then null
                {%- endif %}
                {%- for condition in not_known_yet %}
                when {{ condition }} then null
                {%- endfor %}
                {%- if 'quarantine_reason' in contract %}
                when quarantine_reason is not null then quarantine_reason
                {%- endif %}
                {%- for column in required or key %}
                when {{ column }} is null then 'no {{ column | replace('_source_id', '') | replace('_', ' ') }}'
                {%- endfor %}
                {%- for condition, reason in checks %}
                when {{ condition }} then '{{ reason }}'
                {%- endfor %}
            end as found_reason
        from judged_rows
    ),

    versioned as (
        select
            *,
            row_number() over newest_first as version_number,
            lag(row_hash) over newest_first as newer_row_hash,
            first_value({{ version }}) over newest_first as accepted_version
        from checked
        window newest_first as (
            partition by system, {{ key | join(', ') }}, found_reason is null
            order by
                case when {{ version }} >= {{ as_of_timestamp() }} then 1 else 0 end asc,
                {{ version }} desc nulls last,
                row_hash asc,
                load_id asc
        )
    )

    select
        system,
        load_id,
        {%- for column in columns if column not in ('quarantine_reason', 'drop_reason') %}
        {{ column }},
        {%- endfor %}
        row_hash,
        found_reason as quarantine_reason,
        case
            when found_reason is not null then null
            {%- if 'drop_reason' in contract %}
            when drop_reason is not null then drop_reason
            {%- endif %}
            {%- for condition in not_known_yet %}
            when {{ condition }} then 'not known before as_of_date'
            {%- endfor %}
            when version_number > 1 and row_hash = newer_row_hash then 'exact duplicate'
            when version_number > 1 and not (accepted_version is distinct from {{ version }}) then 'another row of the same key, none the newer'
            when version_number > 1 then 'older version of the same key'
        end as drop_reason
    from versioned
{%- endmacro %}

{# One number for a row's content, the same whatever load it came in. #}
{% macro row_hash(columns) -%}
    {{ return(adapter.dispatch('row_hash')(columns)) }}
{%- endmacro %}

{% macro default__row_hash(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}

{% macro spark__row_hash(columns) -%}
    xxhash64({{ columns | join(', ') }})
{%- endmacro %}

{# The entities that conformed__<entity>_judged says everything of; quarantine, dropped and reconciliation count them all. #}
{% macro judged_entities() -%}
    {{ return([
        'orders', 'order_lines', 'returns', 'products', 'customers', 'campaigns', 'campaign_customers', 'coupons', 'coupon_redemptions',
        'payments', 'shipments', 'logins', 'stock_levels', 'prices', 'supplier_offers', 'events', 'survey_answers', 'reviews',
        'competitor_prices', 'competitor_launches', 'economic_indicators', 'brand_sentiment', 'exchange_rates'
    ]) }}
{%- endmacro %}
