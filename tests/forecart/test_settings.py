"""What users may set."""

import duckdb
import pytest

from forecart import airflow_env, settings
from forecart.errors import ForecartError


@pytest.mark.parametrize(("asked", "half"), [("2GB", "953.6 MiB"), ("1.5 GiB", "768.0 MiB"), ("2000000KB", "953.6 MiB")])
def test_a_share_of_duckdbs_memory_is_as_duckdb_understands_it(monkeypatch, asked, half):
    monkeypatch.setenv("FORECART_MEMORY", asked)
    with duckdb.connect(config={"memory_limit": settings.memory_limit(0.5)}) as connection:
        assert connection.execute("select current_setting('memory_limit')").fetchone() == (half,)


def test_an_amount_without_a_number_is_refused(monkeypatch):
    monkeypatch.setenv("FORECART_MEMORY", "lots")
    with pytest.raises(duckdb.ParserException, match="must have a number"):
        duckdb.connect(config={"memory_limit": settings.memory_limit()})


@pytest.mark.parametrize("given", ["abc", "0", "99999", "-1", ""])
def test_a_port_that_is_none_is_refused(monkeypatch, given):
    monkeypatch.setenv("PORT", given)
    with pytest.raises(ForecartError, match="is no port: a number from 1 to 65535"):
        airflow_env.port()
