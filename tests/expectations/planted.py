"""The errors planted against the expectations of every gate."""

TRANSACTIONS = "landing.complete_journey__transactions"


def sent(replacement: str, where: str = "true") -> str:
    """The source sends this instead."""
    return f"""
        create table sent as from {TRANSACTIONS}; drop view {TRANSACTIONS};
        create view {TRANSACTIONS} as select {replacement} from sent where {where};
    """


def one(change: str) -> str:
    return sent(f"* replace (if(row_number() over (order by basket_id, product_id) = 1, {change})")


def six_bought_on(day: str) -> str:
    """All purchases of customer 6 are of one day."""
    return f"update marts.order_lines set order_date = '{day}' where customer_id = '6';"


# by gate and table: the error, and the words of the expectation that must catch it
PLANTED = {
    "landing": {
        TRANSACTIONS: [
            (sent("*", "basket_id = 1000"), "the table has 100 rows or more"),
            (sent("* rename (quantity as amount)"), "the table has the columns"),
            (one("null, quantity) as quantity"), "quantity is always known"),
            (one("null, basket_id) as basket_id"), "basket_id is always known"),
            (sent("* replace (1 as product_id)"), "basket_id, product_id is never repeated"),
        ],
        "landing.loads": [
            ("update {table} set accepted = accepted - 1", "landed rows are the accepted"),
            ("update {table} set rows = rows + 1 where entity = 'products'", "landed rows are the accepted"),
            ("update landing.quarantine set count_rows = 1", "every quarantined row has its reason"),
            ("update {table} set rows = 100, accepted = 98", "at most one row in a hundred"),
        ],
        "landing.days": [
            ("delete from {table} where day = '2017-12-28'", "rows on each of its open days"),
            ("update {table} set count_rows = 201 where day = '2017-12-28'", "at most 10 times its usual rows"),
        ],
        "landing.sources": [
            ("update {table} set data_until = '2017-12-20'", "as near to as_of_date as they are declared"),
            ("update {table} set data_until = null", "as near to as_of_date as they are declared"),
            ("update {table} set is_stale = true", "every optional source could be read"),
        ],
    },
    "marts": {
        "conformed.reconciliation": [
            (
                "insert into conformed.dropped values ('order_lines', 'another row of the same key, none the newer', 3)",
                "a version says which is newer",
            ),
            ("update {table} set accepted = accepted - 1", "landed rows are"),
            ("update {table} set dropped = null", "landed rows are"),
            ("update {table} set dropped = -dropped, accepted = 999", "never negative"),
            ("update {table} set accepted = 0, quarantined = 998", "at most one row in five"),
            ("update {table} set entity = 'coupons'", "what no system of the shop has is empty"),
        ],
        "marts.customers": [
            ("insert into {table} from {table}", "customer_id is never repeated"),
            ("update {table} set count_orders = 1", "those of the customer's orders"),
            ("delete from {table} where customer_id = '6'", "those of the customer's orders"),
            ("update marts.orders set status = 'cancelled' where order_id = '1000'", "but for cancelled ones"),
            ("update {table} set last_order_date = '2018-01-01'", "last_order_date is before as_of_date"),
        ],
        "marts.products": [
            ("update {table} set is_merchandise = null", "is_merchandise is always known"),
            ("update {table} set last_sold_date = '2018-01-01'", "both are before as_of_date"),
        ],
        "marts.orders": [
            ("update {table} set sales_cents = sales_cents + 1 where order_id = '1004'", "the sums of its lines"),
            ("update {table} set customer_id = '2' where order_id = '1000'", "share its customer"),
            ("delete from {table} where order_id = '1000'", "the sums of its lines"),
            ("delete from marts.order_lines where order_id = '1000'", "the sums of its lines"),
            ("update {table} set discount_cents = -1 where order_id = '1000'", "never negative"),
            ("update {table} set order_date = '2018-01-01' where order_id = '1000'", "order_date is before as_of_date"),
            # 3 o'clock in the night of the first of December in UTC is the evening of the last of November in the shop
            ("update {table} set ordered_at = '2017-12-01 03:00', order_date = '2017-12-01'", "the date of ordered_at in"),
            ("delete from {table} where order_date > '2017-11-30'", "the last 30 days have an order"),
            ("update {table} set order_date = order_date - 7", "most of the last seven days have orders"),
            (
                "insert into {table} select orders.* replace (order_id || i::varchar as order_id) from {table}, range(9) as copies(i) "
                "where order_date < '2017-12-25'",
                "half as many orders as a usual week",
            ),
        ],
        "marts.order_lines": [
            ("update {table} set line_type = 'gift'", "line_type, where known, is one of"),
            ("update {table} set is_purchase = null", "is_purchase is always known"),
            ("update {table} set units = 9000 where line_type = 'fuel'", "adjustments and fuel have no units"),
            ("update {table} set units = units + 1", "what is kept is what was bought less what came back"),
            ("update {table} set is_purchase = true", "a purchase moved goods"),
            ("update {table} set order_date = '2018-01-01'", "order_date is before as_of_date"),
            ("delete from marts.products where product_id = '3'", "every line's product is in marts.products"),
            ("update marts.products set is_merchandise = false", "a purchase is of merchandise"),
            ("delete from marts.customers where customer_id = '3'", "every line's customer, where known, is in marts.customers"),
            (
                "update {table} set gross_sales_cents = 10 * gross_sales_cents where order_id = '1004'",
                "five times the product's usual price",
            ),
        ],
        "marts.daily_product_sales": [
            ("update {table} set units = units + 1", "those of its purchases"),
            ("delete from {table} where product_id = '3'", "those of its purchases"),
            ("update {table} set count_customers = 9", "those of its purchases"),
            ("update {table} set sale_date = '2018-01-01'", "sale_date is before as_of_date"),
        ],
        "marts.returns": [
            ("update {table} set units = 0", "units came back"),
            ("update {table} set return_date = '2018-01-01'", "return_date is before as_of_date"),
            ("update {table} set units = 99", "no more came back than was sold"),
        ],
        "marts.promotions": [
            ("insert into {table} from {table}", "product_id, week_start_date is never repeated"),
            ("update {table} set week_start_date = '2018-01-01'", "a week begins before as_of_date"),
            ("update {table} set week_end_date = '2017-12-10'", "a week ends within seven days"),
            ("update {table} set count_stores_mailed = 2", "count_stores is at least"),
        ],
        "marts.customer_sources": [
            ("delete from {table} where customer_id = '1'", "leads from every customer_id"),
        ],
        "marts.product_sources": [
            ("update {table} set product_id = '99'", "leads from every product_id"),
            ("insert into {table} from {table}", "system, source_product_id is never repeated"),
        ],
        "marts.payments": [
            ("insert into {table} from {table}", "payment_id is never repeated"),
            ("update {table} set paid_cents = 0", "something was paid, or paid back"),
            ("update {table} set amount_cents = -amount_cents", "something was paid, or paid back"),
            ("update {table} set order_id = 'nowhere' where order_id = '1000'", "every order_id, where known, is in marts.orders"),
            ("update {table} set payment_date = '2018-01-01'", "payment_date, where known, is before as_of_date"),
            ("update {table} set amount_cents = 2 * amount_cents", "nine were paid in full"),
            ("update {table} set amount_cents = 2 * amount_cents where order_id = '1000'", "at most one was paid twice or more"),
        ],
        "marts.shipments": [
            ("update {table} set order_id = 'nowhere' where order_id = '1000'", "every order_id, where known, is in marts.orders"),
            ("update {table} set shipped_date = '2018-01-01'", "shipped_date, where known, is before as_of_date"),
            ("update {table} set delivered_at = shipped_at - interval 1 minute", "nothing is delivered before it is shipped"),
            # five o'clock in UTC is midnight in the shop
            ("update {table} set delivered_at = '2018-01-01 05:00'", "delivered_at, where known, is before as_of_date"),
        ],
        "marts.logins": [
            ("update {table} set customer_id = 'stranger' where customer_id = '1'", "is in marts.customers"),
            ("update {table} set count_logins = 0", "there was a log-in"),
            ("update {table} set login_date = '2018-01-01'", "login_date, where known, is before as_of_date"),
        ],
        "marts.stock_levels": [
            ("insert into {table} from {table}", "product_id, stock_date is never repeated"),
            ("update {table} set units_on_hand = -1", "never negative"),
            ("update {table} set is_out_of_stock = null", "is_out_of_stock is always known"),
            ("update {table} set product_id = '99' where product_id = '3'", "is in marts.products"),
            ("update {table} set stock_date = '2018-01-01'", "stock_date, where known, is before as_of_date"),
        ],
        "marts.product_prices": [
            ("update {table} set discount_share = 1.5", "discount_share, where known, is at least 0 and at most 1"),
            ("update {table} set discount_share = 'nan'", "discount_share: finite"),
            ("update {table} set price_cents = 101", "nor above the list price"),
            (
                "update {table} set valid_to_date = '2017-07-01' where valid_to_date = '2017-06-01'",
                "valid_to_date is the next valid_from_date",
            ),
            ("update {table} set valid_from_date = '2018-01-01'", "valid_from_date, where known, is before as_of_date"),
            ("update {table} set product_id = '99' where product_id = '3'", "is in marts.products"),
        ],
        "marts.sessions": [
            ("insert into {table} from {table}", "session_id is never repeated"),
            ("update {table} set session_date = '2018-01-01'", "session_date, where known, is before as_of_date"),
            ("update {table} set customer_known_at = '2018-01-01 05:00'", "customer_known_at, where known, is before as_of_date"),
            ("update {table} set ended_at = '2018-01-01 05:00'", "ended_at, where known, is before as_of_date"),
            ("update {table} set ended_at = started_at - interval 1 minute", "a visit ends after it began"),
            ("update {table} set customer_known_at = null", "whoever is known was known from some time on"),
            ("update {table} set count_views = 9", "and no more of one kind"),
            ("update {table} set count_page_views = 0, count_views = 0, count_carts = 0", "the names of Google Analytics 4"),
            ("update {table} set customer_id = 'stranger' where customer_id = '1'", "is in marts.customers"),
        ],
        "marts.product_interactions": [
            ("insert into {table} from {table}", "product and day are never repeated"),
            ("update {table} set device_id = 'd'", "a customer's or a device's, not both"),
            ("update {table} set customer_known_at = null", "whoever is known was known from some time on"),
            ("update {table} set interaction_date = '2018-01-01'", "interaction_date, where known, is before as_of_date"),
            ("update {table} set customer_known_at = '2018-01-01 05:00'", "customer_known_at, where known, is before as_of_date"),
            ("update {table} set product_id = '99' where product_id = '3'", "is in marts.products"),
            ("update {table} set customer_id = 'stranger' where customer_id = '1'", "is in marts.customers"),
        ],
        "marts.survey_answers": [
            ("update {table} set score = 11", "score, where known, is at least 0 and at most 10"),
            ("update {table} set answer_date = '2018-01-01'", "answer_date, where known, is before as_of_date"),
            ("update {table} set customer_id = null where customer_id = '1'", "whoever is known was known from some time on"),
            ("update {table} set customer_id = 'stranger' where customer_id = '1'", "is in marts.customers"),
        ],
        "marts.reviews": [
            ("update {table} set rating = 0", "rating, where known, is at least 1 and at most 5"),
            ("update {table} set review_date = '2018-01-01'", "review_date, where known, is before as_of_date"),
            ("update {table} set product_id = '99' where product_id = '3'", "is in marts.products"),
            ("update {table} set customer_id = 'stranger'", "is in marts.customers"),
        ],
        "marts.competitor_prices": [
            ("update {table} set price_cents = -1", "a price is not negative"),
            (
                "update {table} set known_at = '2018-01-01 05:00' where known_at = '2017-12-08'",
                "known_at, where known, is before as_of_date",
            ),
            ("update {table} set valid_to_at = '2017-12-09' where known_at = '2017-12-01'", "valid_to_at is the next known_at"),
            ("update {table} set product_id = '99' where product_id = '3'", "is in marts.products"),
        ],
        "marts.competitor_launches": [
            ("insert into {table} from {table}", "competitor, product_name is never repeated"),
            ("update {table} set price_cents = -1", "never negative"),
            ("update {table} set known_at = '2018-01-01 05:00'", "known_at, where known, is before as_of_date"),
        ],
        "marts.economic_indicators": [
            ("update {table} set value = 'inf'", "value: finite"),
            ("update {table} set known_at = '2018-01-01 05:00' where release_number = 2", "known_at, where known, is before as_of_date"),
            ("update {table} set period_start_date = '2017-12-31'", "it is known after its period began"),
            ("update {table} set valid_to_at = '9999-12-31'", "valid_to_at is the next known_at"),
        ],
        "marts.brand_sentiment": [
            ("update {table} set sentiment = 2", "sentiment, where known, is at least -1 and at most 1"),
            ("update {table} set sentiment = 'nan'", "sentiment: finite"),
            ("update {table} set count_posts = -1", "never negative"),
            ("update {table} set known_at = '2018-01-01 05:00'", "known_at, where known, is before as_of_date"),
            ("update {table} set sentiment_date = '2017-12-03'", "it is known after its day began"),
            ("update {table} set valid_to_at = '2017-12-09'", "valid_to_at is the next known_at"),
        ],
        "marts.supplier_offers": [
            ("insert into {table} from {table}", "supplier, supplier_sku is never repeated"),
            ("update {table} set weight_g = -1", "never negative"),
            ("update {table} set updated_at = '2018-01-01 05:00'", "updated_at, where known, is before as_of_date"),
            ("update {table} set product_id = '99' where product_id = '3'", "is in marts.products"),
        ],
    },
    "features": {
        "features.seasons": [
            ("update {table} set season_orders_30d = 0", "every season is above 0"),
            ("update {table} set season_sales_90d = 'nan'", "every season is above 0"),
            ("delete from {table}", "each as_of_date of customers has a season"),
        ],
        "features.features_customer": [
            ("update {table} set as_of_date = '2017-12-31'", "as_of_date is the run's"),
            ("update {table} set mean_units = 'nan'", "mean_units: finite"),
            ("update {table} set count_orders_90d = -1", "count_orders_90d: never negative"),
            ("delete from {table} where customer_id = '1'", "a purchase in the 90 days before"),
            ("insert into {table} values ('2018-01-01', 'seen later', 1, 1)", "a purchase in the 90 days before"),
        ],
        "features.features_product": [
            ("delete from {table} where product_id = '1'", "all that were sold in the 90 days"),
            ("update {table} set product_id = null", "product_id is always known"),
        ],
        "features.features_customer_product": [
            ("insert into {table} from {table}", "as_of_date, customer_id, product_id is never repeated"),
            ("update {table} set order_share_90d = '-inf' where product_id = '3'", "days_since_last_z_score: finite"),
        ],
    },
    "training": {
        "training.seasons": [("delete from {table} where as_of_date < '2017-12-02'", "each as_of_date of customers has a season")],
        "training.features_customer": [
            ("update {table} set as_of_date = '2018-01-02'", "not after the run's"),
            # the feature of a customer whose only purchase is of as_of_date itself, or older than 90 days
            (six_bought_on("2017-12-02") + "delete from {table} where as_of_date < '2017-12-02'", "a purchase in the 90 days before"),
            (six_bought_on("2017-09-02") + "delete from {table} where as_of_date <> '2017-12-02'", "a purchase in the 90 days before"),
        ],
        "training.labels_purchase": [
            ("update {table} set as_of_date = '2017-12-03'", "were over when the run began"),
            # the label of a purchase on the day before as_of_date, or on the day after the last of the 30
            (six_bought_on("2017-12-01") + "delete from {table} where as_of_date < '2017-12-02'", "what is labelled as bought was"),
            (six_bought_on("2018-01-01") + "delete from {table} where as_of_date < '2017-12-02'", "what is labelled as bought was"),
        ],
        "training.labels_demand": [
            ("update {table} set units_30d = -1", "units_30d: never negative"),
            ("delete from {table} where product_id = '3'", "the labels are those of"),
        ],
        "training.labels_churn": [
            ("delete from training.features_customer where customer_id = '3'", "the labels are those of"),
        ],
        "training.labels_value": [
            ("delete from {table} where customer_id = '3'", "the labels are those of"),
        ],
    },
    "predictions": {
        "predictions.product_recommendations": [
            ("update {table} set as_of_date = '2017-12-31'", "as_of_date is the run's"),
            ("update {table} set probability = 'nan' where rank = 1", "probability: finite"),
            ("update {table} set probability = 1.01 where rank = 1", "probability, where known, is at least 0 and at most 1"),
            ("update {table} set probability = 1 - probability", "is not more probable"),
            ("update {table} set rank = 21 where rank = 20 and customer_id = '1'", "ranks run from 1"),
            ("delete from {table} where rank = 20 and customer_id = '1'", "every active customer who may be written to"),
            ("delete from {table} where customer_id = '1'", "every active customer who may be written to"),
            ("update {table} set product_id = '4' where customer_id = '1'", "no product stands twice"),
            ("update marts.customers set has_marketing_consent = false where customer_id = '1'", "who may not be written to"),
            ("update {table} set is_eligible = null where rank = 3", "is_eligible is always known"),
            ("update {table} set rank = 1 where rank = 2", "customer_id, rank is never repeated"),
            ("update {table} set product_id = '41' where rank = 1", "only merchandise"),
            ("update {table} set product_id = '3' where rank = 1", "no product is recommended to more than nine in ten customers"),
            ("update {table} set data_until = '2018-01-01'", "nothing of as_of_date or after was read"),
        ],
        "predictions.discoveries": [
            ("delete from {table}", "it is empty only where every active customer has bought all that is sold"),
            ("update {table} set rank = rank + 1", "ranks run from 1"),
            ("update {table} set probability = 1 - probability", "is not more probable"),
            (
                "insert into {table} by name select * replace (11 as rank, 0.0 as probability, lines.product_id as product_id) from {table} "
                "join (select min(product_id) as product_id from marts.order_lines where customer_id = '1' and is_purchase) as lines on true "
                "where customer_id = '1' and rank = 1",
                "what is to be discovered was never bought",
            ),
            (
                "insert into marts.order_lines select lines.* replace ('1' as customer_id, listed.product_id as product_id, date '2015-05-01' as "
                "order_date) from (from marts.order_lines where is_purchase limit 1) as lines, {table} as listed "
                "where listed.customer_id = '1' and listed.rank = 1",
                "what is to be discovered was never bought",
            ),
        ],
        "predictions.demand_forecast": [
            ("update {table} set model_version = null", "model_version is always known"),
            ("update {table} set run_id = 'r2' where product_id = '3'", "all rows are of one run and one model"),
            ("update {table} set units_p10 = 5", "units_p10 <= units_p50 <= units_p90"),
            ("update {table} set units_p90 = 'inf'", "finite numbers"),
            ("update {table} set units_p10 = -1", "never negative"),
            ("update {table} set horizon_days = 28", "it looks 30 days ahead"),
            ("update {table} set product_id = '99' where product_id = '3'", "every product is in marts.products"),
            ("update {table} set units_mean = 400", "a third to three times"),
        ],
        "predictions.sales_forecast": [
            ("update {table} set level = 'shelf' where level = 'remainder'", "level, where known, is one of"),
            ("update {table} set units_p50 = null where level = 'total'", "quantiles are in order"),
            ("update {table} set revenue_cents_p10 = 1e9 where level = 'total'", "quantiles are in order"),
            ("delete from {table} where level = 'total' and sale_date = '2018-01-30'", "the 30 days from as_of_date on"),
            ("update {table} set units_mean = 1 where level = 'total'", "the means of department add up to those of total"),
            ("update {table} set revenue_cents_mean = 1 where level = 'department'", "the means of category add up to those of department"),
            (
                "update {table} set units_mean = 2 where level = 'remainder'",
                "the means of product and remainder add up to those of category",
            ),
            ("update {table} set key = '99' where key = '3'", "the products are those of predictions.demand_forecast"),
            ("update predictions.demand_forecast set units_mean = 4 where product_id = '3'", "with the same sums"),
        ],
        "predictions.restock_plan": [
            ("update {table} set advice = 'wait'", "advice, where known, is one of"),
            ("update {table} set order_units = null where product_id = '3'", "what to order is told where the stock is known"),
            ("update {table} set order_units = 0, advice = 'enough'", "what the service level asks for"),
            ("update {table} set order_units = 0, advice = 'expedite', units_on_order = 0", "what is to be expedited is on order"),
            ("update {table} set order_units = 0, advice = 'discount'", "what is to be sold off lies in excess"),
            ("delete from {table} where product_id = '3'", "every product with a forecast has a plan"),
        ],
        "predictions.churn_risk": [
            ("update {table} set churn_probability = null", "churn_probability is always known"),
            ("delete from {table} where customer_id = '1'", "every active customer has a risk"),
            ("update {table} set churn_probability = 0.5", "customers differ in their risk"),
            ("update {table} set expected_sales_cents_30d = 1001 where customer_id = '1'", "the expected spend is that of customer_value"),
        ],
        "predictions.customer_value": [
            ("delete from {table} where customer_id = '1'", "every active customer has a value"),
            ("update {table} set reason_if_empty = null where customer_id = '1'", "an empty horizon has a reason"),
            ("update {table} set expected_sales_cents_90d = 999 where customer_id = '1'", "a longer horizon holds the shorter"),
            ("update {table} set expected_sales_cents_30d = 1900", "half to twice"),
        ],
        "predictions.retention_offers": [
            ("update {table} set group_name = 'control' where customer_id = '3'", "the group is offered or hold_out"),
            ("update {table} set expected_margin_cents = 0 where customer_id = '1'", "an offer is made where it pays"),
            ("update {table} set churn_probability = 0.9 where customer_id = '1'", "the risk is that of churn_risk"),
            ("update marts.customers set has_marketing_consent = customer_id <> '1'", "nobody is made an offer who did not consent"),
        ],
    },
}
CASES = [(gate, table, *planted) for gate, tables in PLANTED.items() for table, errors in tables.items() for planted in errors]
