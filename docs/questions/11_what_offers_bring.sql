-- What will offers to customers at risk cost and bring, and how do we know?
select
    offer_name,
    count(*) filter (where group_name = 'offered') as count_offered,
    count(*) filter (where group_name = 'hold_out') as count_held_out,
    round(avg(churn_probability), 2) as mean_churn_probability,
    round(avg(uplift), 3) as uplift,
    uplift_source,
    round(sum(cost_cents) filter (where group_name = 'offered') / 100, 2) as cost,
    round(sum(expected_margin_cents) filter (where group_name = 'offered') / 100, 2) as margin_expected
from predictions.retention_offers
group by offer_name, uplift_source
order by margin_expected desc nulls last, offer_name
