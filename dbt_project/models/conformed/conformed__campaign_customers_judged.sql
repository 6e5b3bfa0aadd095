{{ judged('campaign_customers', key=['campaign_id', 'customer_source_id']) }}
