-- A campaign is known from its first day on.
{{ judged('campaigns', key=['campaign_id'], known_date='start_date') }}
