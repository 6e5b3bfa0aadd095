"""What users may set."""

import duckdb
import pytest

from forecart import settings


@pytest.mark.parametrize(("asked", "half"), [("2GB", "953.6 MiB"), ("1.5 GiB", "768.0 MiB"), ("2000000KB", "953.6 MiB")])
def test_a_share_of_duckdbs_memory_is_as_duckdb_understands_it(monkeypatch, asked, half):
    monkeypatch.setenv("FORECART_MEMORY", asked)
    with duckdb.connect(config={"memory_limit": settings.memory_limit(0.5)}) as connection:
        assert connection.execute("select current_setting('memory_limit')").fetchone() == (half,)


def test_an_amount_without_a_number_is_refused(monkeypatch):
    monkeypatch.setenv("FORECART_MEMORY", "lots")
    with pytest.raises(duckdb.ParserException, match="must have a number"):
        duckdb.connect(config={"memory_limit": settings.memory_limit()})
