-- How good are the models against a simple rule?
select question, metric, round(model, 4) as model, round(baseline, 4) as simple_rule, model_version
from quality.model_metrics
order by question, metric, model_version
