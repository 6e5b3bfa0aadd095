"""Collections of an HTTP API: paged, tried again with growing pauses, and asked only for what is new where it knows how."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import requests
import tenacity
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from forecart.errors import ForecartError
from ingest.connectors import Offer
from ingest.connectors.databases import look_back_from
from ingest.ledger import Ledger

TRIES, SECONDS_BETWEEN, SECONDS_TO_ANSWER = 6, 0.5, 60


def offers(location: str, ledger: Ledger) -> Iterator[Offer]:
    entity = ledger.entity
    if entity.path is None:
        raise ForecartError(f"{entity.full_name}: {_shown(location)} is an API, and the declaration names no `path`")
    since = look_back_from(ledger) if entity.rest.since else None
    yield Offer(
        name=f"{entity.path}{f' since {since}' if since else ''}",
        batch="",
        version=0,
        stamp="",
        format="jsonl",
        fetch=lambda folder: _fetch(location, ledger, since, folder),
        look_back_from=since,
        try_out=lambda folder: _fetch(location, ledger, since, folder, most_pages=1),
    )


def _fetch(location: str, ledger: Ledger, since: str | None, folder: Path, most_pages: int | None = None) -> Path:
    # dlt takes a second to import.
    from dlt.common import jsonpath
    from dlt.sources.helpers.rest_client import RESTClient
    from dlt.sources.helpers.rest_client.paginators import JSONLinkPaginator

    entity = ledger.entity
    answer = folder / "rows.jsonl"
    base, session = _session(location)
    pages = RESTClient(base_url=base, session=session, paginator=JSONLinkPaginator(next_url_path=entity.rest.next))
    try:
        with answer.open("w", encoding="utf-8") as file:
            parameters = {entity.rest.since: since} if since else {}
            answers = pages.paginate(entity.path, params=parameters, data_selector=entity.rest.records)
            for page in islice(answers, most_pages):
                # What dlt takes for an empty page may be no page at all.
                if not page and not jsonpath.find_values(entity.rest.records, page.response.json()):
                    raise ValueError(f"an answer without {entity.rest.records!r}: {_outline(page.response.json())}")
                file.writelines(json.dumps(record) + "\n" for record in page)
    except (requests.RequestException, ValueError, KeyError) as error:
        found = _no_json(error.doc) if isinstance(error, requests.JSONDecodeError) else error
        raise ForecartError(f"{entity.full_name}: expected pages of {entity.path} at {_shown(location)}, found: {found}") from error
    finally:
        session.close()
    return answer


# What answers call their own words about what went wrong. All else may tell of a person, and a log is read by anybody.
TOLD = ("error", "message", "detail", "title", "status")


def _outline(answer: Any) -> str:
    """The names in an answer, and what it says of an error."""
    if not isinstance(answer, dict):
        return f"a JSON {type(answer).__name__}"
    return ", ".join(f"{name}: {str(value)[:80]}" if name in TOLD else name for name, value in answer.items())[:300] or "an empty object"


def _no_json(text: str) -> str:
    is_page = text.lstrip().startswith("<")
    return f"no JSON: {text[:80]}" if is_page else f"no JSON: {len(text):,} characters that are none, or not all of it"


class _Session(requests.Session):
    """Every answer is waited for, but not for ever; one that ends too early is asked for again."""

    @tenacity.retry(
        retry=tenacity.retry_if_exception_type(requests.exceptions.ChunkedEncodingError),
        stop=tenacity.stop_after_attempt(TRIES),
        wait=lambda state: SECONDS_BETWEEN * 2**state.attempt_number,
        reraise=True,
    )
    def send(self, request, **kwargs):
        kwargs["timeout"] = kwargs.get("timeout") or SECONDS_TO_ANSWER
        return super().send(request, **kwargs)


def _session(location: str) -> tuple[str, requests.Session]:
    """The address without who we are, and a session that knows it: user and password, or a password alone as a bearer token."""
    parts = urlsplit(location)
    session = _Session()
    # 429 and 503 may say how long to wait (Retry-After).
    retry = Retry(total=TRIES, backoff_factor=SECONDS_BETWEEN, status_forcelist=(429, 500, 502, 503, 504), allowed_methods=("GET",))
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    if parts.password and parts.username:
        session.auth = (unquote(parts.username), unquote(parts.password))
    elif parts.password:
        session.headers["Authorization"] = f"Bearer {unquote(parts.password)}"
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])), session


def _shown(location: str) -> str:
    parts = urlsplit(location)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
