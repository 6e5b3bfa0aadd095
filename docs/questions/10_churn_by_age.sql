-- Does the risk of leaving differ by age?
select
    coalesce(age_band, 'unknown') as age,
    count(*) as count_customers,
    round(avg(churn_probability), 3) as mean_churn_probability
from predictions.churn_risk
inner join marts.customers using (customer_id)
group by age
order by age
