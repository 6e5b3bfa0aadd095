"""How much a training takes on."""

import pandas as pd

from ml import effort


def test_rows_beyond_what_is_learned_from_are_left_out_evenly(monkeypatch):
    monkeypatch.setattr(effort, "MOST_CUSTOMER_ROWS", 5)
    rows = pd.DataFrame({"place": range(13)})
    assert effort.evenly(rows)["place"].tolist() == [0, 3, 6, 9, 12]
    assert effort.evenly(rows).index.tolist() == list(range(5))
    assert effort.evenly(rows[:5])["place"].tolist() == [0, 1, 2, 3, 4]
