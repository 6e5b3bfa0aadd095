"""What metrics, checks and simple rules are called where a shop's people read of them, and what each metric says."""

import re
from dataclasses import dataclass, replace

from ml import gates

TITLES = {
    "purchase": "What will each customer buy in the next 30 days?",
    "demand": "What will sell in the next 30 days?",
    "value": "How much will each customer spend in the next 30 days?",
    "churn": "Who will stay away for the next 30 days?",
}
SHARE, MONEY, NUMBER = "share", "money", "number"
NEAR = {"near 0": 0.0, "near 80 %": 0.8}


@dataclass(frozen=True)
class Metric:
    """`better` is higher, lower, one of NEAR, or empty where neither is better; `of` is what it is measured on."""

    name: str
    better: str = ""
    unit: str = NUMBER
    meaning: str = ""
    of: str = ""

    @property
    def full_name(self) -> str:
        return f"{self.name} ({self.of})" if self.of else self.name

    def worth(self, value: float) -> float:
        """More is better; nothing to choose between values where neither is."""
        if self.better in NEAR:
            return -abs(value - NEAR[self.better])
        return {"higher": value, "lower": -value}.get(self.better, 0.0)

    def told(self, value: float, currency: str) -> str:
        """The value with its unit; money is given in cents."""
        if self.unit == MONEY:
            return f"{value / 100:,.2f} {currency}"
        return f"{100 * value:.1f} %" if self.unit == SHARE else f"{value:.3f}"


# fmt: off
METRICS = {
    "recall_at_10": Metric("purchases found", "higher", SHARE, "of the products that a customer bought, those that were listed"),
    "precision_at_10": Metric("hits", "higher", SHARE, "of the products listed, those that the customer bought"),
    "ndcg_at_10": Metric("order of the list", "higher", NUMBER, "1 if what was bought stands first, 0 if nothing of it is listed (NDCG)"),
    "hit_rate_at_10": Metric("customers with a hit", "higher", SHARE, "customers who bought one or more of the products listed"),
    "map_at_10": Metric("precision down the list", "higher", NUMBER, "mean share of hits above each hit; 1 is perfect (MAP)"),
    "map_at_12": Metric("precision down 12 places", "higher", NUMBER, "the same of a list of 12"),
    "repeat_recall_at_10": Metric("repeat purchases found", "higher", SHARE, "of what a customer bought again, what was listed"),
    "explore_recall_at_10": Metric("first purchases found", "higher", SHARE, "of what a customer bought for the first time, what was listed"),
    "coverage_at_10": Metric("range", "", SHARE, "different products on all lists, of those that sold in 30 days"),
    "novelty_bits_at_10": Metric("surprise", "", NUMBER, "bits: one more means that half as many customers buy what is listed"),
    "product_groups_at_10": Metric("variety", "", NUMBER, "different kinds of products on a list"),
    "auc": Metric("told apart", "higher", NUMBER, "how often a yes has a higher probability than a no; 0.5 is a guess (AUC)"),
    "pr_auc": Metric("precision of the likeliest", "higher", NUMBER, "mean share of yeses among all at or above each yes (PR-AUC)"),
    "log_loss": Metric("surprise at the outcome", "lower", NUMBER, "being sure and wrong costs most (log loss)"),
    "brier": Metric("squared error", "lower", NUMBER, "mean of the squared distances from what came true (Brier score)"),
    "ece": Metric("distance of promised from kept", "lower", SHARE, "mean distance of the probability promised from the share that came true (ECE)"),
    "ece_beyond_chance": Metric(
        "distance of promised from kept beyond chance", "near 0", SHARE, "the same less what chance would make of probabilities that are true",
    ),
    "promised_over_kept": Metric("promised over kept", "near 0", SHARE, "how much more was promised in all than came true; below 0, less"),
    "lift_at_10_percent": Metric("lift of the likeliest tenth", "higher", NUMBER, "times as many came true among the likeliest tenth as among all"),
    "mae": Metric("usual error", "lower", MONEY, "mean distance from what was spent (MAE)"),
    "rmse": Metric("error, large ones weighing more", "lower", MONEY, "root of the mean squared distance from what was spent (RMSE)"),
    "gini": Metric("order of customers", "higher", NUMBER, "1 if those who spent most were expected to, 0 by chance (Gini)"),
    "total_bias": Metric("total expected over spent", "near 0", SHARE, "how much more was expected in all than was spent; below 0, less"),
    "wape": Metric("error", "lower", SHARE, "sum of all distances from what sold, as a share of what sold (WAPE)"),
    "wape_of_mean": Metric("error of the mean", "lower", SHARE, "the same of the forecast that adds up"),
    "bias": Metric("total expected over sold", "near 0", SHARE, "how much more was expected in all than sold; below 0, less"),
    "mase": Metric("error against last week's", "lower", NUMBER, "below 1 is better than to repeat last week (MASE)"),
    "rmsse": Metric("error against last week's, large ones weighing more", "lower", NUMBER, "the same of squared errors (RMSSE)"),
    "pinball": Metric("error of the interval", "lower", NUMBER, "how far its bounds and its middle lie from what sold (pinball loss)"),
    "coverage_80": Metric("inside the 80 % interval", "near 80 %", SHARE, "how often what sold lay within it"),
    "coverage_off": Metric("interval too wide or too narrow", "near 0", SHARE, "share inside it, less 80 %: above 0 too wide, below 0 too narrow"),
    "correlation": Metric("order of products", "higher", NUMBER, "1 if what was expected to sell more did, 0 by chance (correlation)"),
    "promised_share": Metric("promised", "", SHARE, "mean probability"),
    "kept_share": Metric("came true", "", SHARE, "share that came true"),
}
# question -> the beginning of a metric's name -> what it is measured on
MEASURED_ON = {
    "purchase": {
        "": "lists of 10", "discovery_": "lists of 10 never bought before", "history_": "products bought before", "top_20_": "lists of 20",
    },
    "discovery": {"": "lists of 10 never bought before"},
    "demand": {
        "": "products, 30 days", "product_30d_": "products, 30 days", "regular_30d_": "products sold on 30 of 90 days, 30 days",
        "product_daily_": "products sold on 30 of 90 days, by day", "total_daily_": "the whole shop, by day", "total_30d_": "the whole shop, 30 days",
        "department_daily_": "departments, by day", "department_30d_": "departments, 30 days",
        "category_daily_": "categories, by day", "category_30d_": "categories, 30 days",
    },
    "value": {"": "spending of 30 days"},
    "churn": {"": "who stays away", "halved_": "whose spending halves"},
}
CHECKS = {
    gates.ENOUGH_DATA: "there is enough data to learn from and to judge by",
    gates.BETTER_THAN_BASELINE: "it is better than the best simple rule",
    gates.NO_SEGMENT_BELOW: "it is worse than the best simple rule for no group",
    gates.IS_CALIBRATED: "what it promises comes true",
    gates.NOT_TOO_GOOD: "it is not so good that it must have seen the answers",
    gates.RELOADS: "saved and loaded again it says the same",
    gates.BETTER_THAN_CHAMPION: "it is better than the model that served before",
    gates.ENOUGH_FOR_CHECKS: "there is enough data for the checks",
    gates.NO_LATER_ROWS: "it knows nothing of later days",
    gates.NO_SHUFFLED_ANSWERS: "it learns nothing where answers are mixed at random",
}
RULES = {
    "popular": "what sells most",
    "top_frequency": "what the customer bought most often",
    "decayed_frequency": "what the customer bought most often of late",
    "tifu_knn": "what the customer and similar ones bought of late",
    "up_cf": "what similar customers buy",
    "fallback": "what sold in the last weeks",
    "seasonal_naive": "last week again",
    "mean_28_days": "the mean of 28 days",
    "weekday_mean": "the weekday's mean of 8 weeks",
    "rfm": "a formula of how recently, how often and for how much a customer bought",
    "recency": "a formula of how recently a customer bought",
    "bg_nbd": "a formula of how often customers buy until they leave",
    "mean_of_3_months": "the mean of the last 3 months",
    "last_30_days": "the last 30 days again",
}
# fmt: on


def of(question: str, metric: str) -> Metric:
    """Of a metric that is not told of here, its own name."""
    return _known(question, metric) or Metric(metric.replace("_", " "))


def check(question: str, name: str) -> str:
    kind, _, metric = name.partition(": ")
    words = CHECKS.get(kind, kind)
    return f"{words}, by {of(question, metric).full_name}" if metric else words


def plain(question: str, text: str) -> str:
    """A text with the metrics and simple rules in it called as here."""

    def called(found: re.Match) -> str:
        metric = _known(question, found[0])
        return metric.full_name if metric else RULES.get(found[0], found[0])

    return re.sub(r"\w+", called, text)


def _known(question: str, metric: str) -> Metric | None:
    for start, of_what in MEASURED_ON[question].items():
        name = metric.removeprefix(start)
        if metric.startswith(start) and name in METRICS:
            return replace(METRICS[name], of=of_what)
    return None
