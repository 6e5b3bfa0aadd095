"""Counts and chances in words."""


def counted(count: float, what: str) -> str:
    return f"1 {what}" if round(count) == 1 else f"{count:,.0f} {what}s"


def days(count: float) -> str:
    return counted(count, "day")


def times(count: float) -> str:
    return {1: "once", 2: "twice"}.get(round(count), f"{count:,.0f} times")


def chance(probability: float) -> str:
    """In percent; what is neither impossible nor certain is not told as if it were."""
    if probability < 0.01:
        return "<1%"
    return ">99%" if probability > 0.99 else f"{probability:.0%}"
