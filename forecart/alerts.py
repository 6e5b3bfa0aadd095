"""Whoever is told that a task has failed for good: the addresses in FORECART_ALERTS, by mail, chat or webhook."""

import logging
from typing import Any

from forecart import settings

log = logging.getLogger(__name__)


def tell_of_failure(context: dict[str, Any]) -> None:
    """Airflow's `on_failure_callback` of a task, which it calls when no other try follows."""
    task, run, error = context["ti"], context["dag_run"], context.get("exception")
    of = run.partition_key or (run.conf or {}).get("run_key") or context["params"].get("shop")
    what = " ".join(filter(None, (task.dag_id, task.task_id, task.rendered_map_index)))
    tell(
        f"Forecart: {what} failed",
        f"{error or 'It was stopped, or killed.'}\n\nThe run: {of}, {run.run_id}. What was published before still serves.\nIts log: {task.log_url}",
    )


def tell(title: str, body: str) -> None:
    """A message to each address. One that cannot be reached is named in the log: a failure has its own log and state, whoever hears of it."""
    if not settings.alerts():
        return
    from apprise import Apprise, NotifyType

    for number, address in enumerate(settings.alerts(), start=1):
        told = Apprise()
        if not (told.add(address) and told.notify(title=title, body=body, notify_type=NotifyType.FAILURE)):
            log.error("Address %d of FORECART_ALERTS could not be told of this.", number)  # an address may hold a password
