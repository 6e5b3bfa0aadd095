"""What product matching is measured on is what was asked for, or nothing."""

import pytest

from matching import bench


@pytest.mark.parametrize(
    ("files", "said"), [((), "found 0 catalogues"), (("abt.csv", "gt.csv"), "found 1 catalogue"), (None, "found 0 catalogues")]
)
def test_a_benchmark_that_is_not_there_is_told(files, said, tmp_path, monkeypatch):
    folder = tmp_path / "benchmark"
    if files is not None:
        folder.mkdir()
        for name in files:
            (folder / name).write_text("id|name\n")
    monkeypatch.setattr("sys.argv", ["bench", "--benchmark", str(folder), "--sizes"])
    monkeypatch.setenv("FORECART_DATA", str(tmp_path / "data"))
    with pytest.raises(SystemExit, match=said):
        bench.main()
    assert not (tmp_path / "data").exists()
