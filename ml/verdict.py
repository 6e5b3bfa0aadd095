"""Who serves and why, in plain sentences."""

import math

from ml import gates, legend
from ml.registry import Version


def told(serving: Version, newest: Version, headline: str, currency: str) -> list[str]:
    """What answers the question, how much better the model is than the best simple rule, and why the version trained last was refused."""
    return [_serves(serving), *_against_rule(judged(serving, newest), headline, currency), *_refused(newest)]


def judged(serving: Version, newest: Version) -> Version:
    """The version whose figures are told: of a question where a rule serves, the one that was trained last and refused."""
    return newest if serving.kind == "baseline" else serving


def _serves(serving: Version) -> str:
    return "A simple rule serves, no model." if serving.kind == "baseline" else "A trained model serves."


def _against_rule(version: Version, headline: str, currency: str) -> list[str]:
    figures = version.measured.get(headline)
    if version.kind == "baseline" or not figures:
        return []
    metric, model, rule = legend.of(version.question, headline), figures["model"], figures["baseline"]
    is_better = metric.worth(model) > metric.worth(rule)
    share = f"{100 * abs(model / rule - 1):.1f} % " if rule else ""
    name = figures["baseline_name"]
    return [
        f"On the days {version.window}, which it had not seen, {version.label} was {share}{'better' if is_better else 'worse'} than "
        f"the best simple rule ({legend.RULES.get(name, name)}): {metric.full_name} "
        f"{metric.told(model, currency)} against {metric.told(rule, currency)}{', which may be chance' if _may_be_chance(version) else ''}."
    ]


def _may_be_chance(version: Version) -> bool:
    """Whether the interval of the difference holds 0; where none is known, nothing is said of chance."""
    lower, upper = version.intervals.get(gates.BETTER_THAN_BASELINE, (math.nan, math.nan))
    return lower <= 0 <= upper


def _refused(newest: Version) -> list[str]:
    failed = [(name, legend.plain(newest.question, found)) for name, is_passed, found in newest.checks if not is_passed]
    if not failed:
        return []
    if newest.kind == "baseline":
        return [f"The last training made no model: {'; '.join(found for _, found in failed)}."]
    asked = "; ".join(f"{legend.check(newest.question, name)}: {found}" for name, found in failed)
    return [f"The model trained last, {newest.label}, was refused, since of what is asked of it this failed: {asked}."]
