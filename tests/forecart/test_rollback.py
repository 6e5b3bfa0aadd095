"""One step back, and what the next runs make of it."""

import pytest

from forecart import freshness, publish
from forecart.cli import rollback as command
from forecart.errors import ForecartError
from forecart.publish import rollback
from tests.forecart import world
from tests.forecart.conftest import serving


def test_rollback_goes_one_step_back_each_time(run):
    for number in (1, 2, 3):
        world.publish_next(run, number)
    assert rollback(run.shop)["version"] == serving(run) == 2
    assert rollback(run.shop)["version"] == serving(run) == 1


def test_rollback_without_an_earlier_version_says_so(run):
    with pytest.raises(ForecartError, match="nothing has been published"):
        rollback(run.shop)
    world.publish_next(run, 1)
    with pytest.raises(ForecartError, match="version 1 serves, and no earlier version"):
        rollback(run.shop)
    assert serving(run) == 1


def test_what_was_rolled_back_does_not_come_back_by_itself(run):
    world.publish_next(run, 1)
    world.publish_next(run, 2)
    rollback(run.shop)
    again = world.publish_next(run, 2)
    assert (again["version"], again["is_new"]) == (2, False)
    assert serving(run) == 1


def test_news_after_a_rollback_get_the_next_number(run):
    world.publish_next(run, 1)
    world.publish_next(run, 2)
    rollback(run.shop)
    assert world.publish_next(run, 3)["version"] == serving(run) == 3


def test_a_rollback_skips_what_was_withdrawn_before(run):
    world.publish_next(run, 1)
    world.publish_next(run, 2)
    rollback(run.shop)
    world.publish_next(run, 3)
    assert rollback(run.shop)["version"] == serving(run) == 1


def test_a_rollback_skips_a_damaged_version(run):
    for number in (1, 2, 3):
        world.publish_next(run, number)
    (run.folder / "versions" / "2" / "forecart.duckdb").unlink()
    assert rollback(run.shop)["version"] == 1


def test_the_command_tells_what_serves(run, monkeypatch, capsys):
    world.publish_next(run, 1)
    world.publish_next(run, 2)
    monkeypatch.setattr("sys.argv", ["rollback", "--shop", world.SHOP])
    assert command.main() == 0
    assert "Version 1 (as of 2018-01-01) serves; version 2 is withdrawn." in capsys.readouterr().out
    assert command.main() == 1
    assert "no earlier version" in capsys.readouterr().err


def test_the_published_path_is_the_link(run):
    """A rollback is seen by who opens the same path again."""
    world.publish_next(run, 1)
    world.publish_next(run, 2)
    assert rollback(run.shop)["path"] == str(publish.published_file(run))
    assert freshness.generation(run)
