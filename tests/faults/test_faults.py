"""Every malformed or hostile input has its right behaviour: accepted, repaired with a record, quarantined, or the batch stopped."""

import pytest

from tests.faults import judge
from tests.faults.catalogue import CASES


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input_has_its_right_behaviour(case, tmp_path, monkeypatch):
    for name, value in judge.environment(tmp_path, case.entity).items():
        monkeypatch.setenv(name, value)
    seen = judge.judge(case, tmp_path)
    assert (seen.behaviour, seen.accepted) == (case.expected, case.accepted), seen.words
    assert case.words in seen.words
    assert seen.holds


def test_the_catalogue_is_as_large_as_promised_and_names_each_case_once():
    names = [case.name for case in CASES]
    assert len(names) >= 60
    assert len(set(names)) == len(names)
