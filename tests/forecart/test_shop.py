"""shops.yml is understood, or says what of it is not."""

import pytest
import yaml

from forecart.cli import rollback
from forecart.errors import ForecartError
from forecart.shop import Shop, declared_shops

MINE = {"description": "Mine", "timezone": "Europe/Oslo", "country": "NO", "currency": "NOK", "systems": ["crm", "shop_db"]}


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Text to shops.yml."""
    monkeypatch.setenv("FORECART_SHOPS", str(tmp_path / "shops.yml"))
    return (tmp_path / "shops.yml").write_text


def without(word: str) -> dict:
    return {name: value for name, value in MINE.items() if name != word}


def test_a_shop_is_what_is_declared(write):
    write(yaml.safe_dump({"mine": MINE, "other": without("country")}))
    shops = declared_shops()
    assert shops["mine"] == Shop("mine", "Mine", "Europe/Oslo", "NOK", ("crm", "shop_db"), "NO")
    assert shops["other"].country is None


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        (yaml.safe_dump({"mine": without("currency")}), "mine has no currency"),
        (yaml.safe_dump({"mine": {**without("country"), "contry": "NO"}}), "mine: contry is no word of a shop"),
        (yaml.safe_dump({"mine": {**MINE, "systems": "shop_db"}}), "mine: expected a list of systems, found shop_db"),
        (yaml.safe_dump({"mine": {**MINE, "timezone": "Europe/Osloo"}}), "mine: no time zone is called Europe/Osloo"),
        (yaml.safe_dump({"mine": without("country")}) + "  country: NO", "mine: expected text as country; put it in quotes"),
        ("mine: {description", "while parsing"),
        ("", "cannot be understood"),
        ("{}", "a shop was expected"),
    ],
)
def test_what_cannot_be_understood_is_named(write, declared, said):
    write(declared)
    with pytest.raises(ForecartError, match=r"shops\.yml cannot be understood") as raised:
        declared_shops()
    assert said in str(raised.value)


def test_a_command_ends_with_the_reason_alone(write, monkeypatch):
    write("mine:")
    monkeypatch.setattr("sys.argv", ["rollback"])
    with pytest.raises(SystemExit, match=r"shops\.yml cannot be understood"):
        rollback.main()
