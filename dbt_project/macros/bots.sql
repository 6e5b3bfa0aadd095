{#
    Who is no customer. A program says so in its user agent, or gives itself away by its pace: more events in a minute or in a day than a person
    makes, by a device that never logged in and never bought. The pace holds for any shop: a person who looks at a page a second for a
    whole minute does not exist, nor one with two thousand events a day. A phone of the make Cubot is a phone.
#}
{% macro is_bot_agent(user_agent) -%}
    coalesce({{ matches(
        "replace(lower(" ~ user_agent ~ "), 'cubot', '')",
        'bot|crawl|spider|slurp|scrap|headless|phantomjs|selenium|puppeteer|playwright|python|curl/|wget|libwww|httpclient|go-http|java/|lighthouse|pingdom|uptime|monitor'
    ) }}, false)
{%- endmacro %}

{% macro events_a_minute_of_bots() %}60{% endmacro %}
{% macro events_a_day_of_bots() %}2000{% endmacro %}
