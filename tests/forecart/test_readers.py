"""Who reads while others publish sees one whole version after the other, and no error."""

import subprocess
import sys
import time

from forecart.settings import ROOT
from tests.forecart import world

PUBLISHES = 8
READER = """
import json, sys
from pathlib import Path
import duckdb
from tests.forecart.conftest import look

link, stop = Path(sys.argv[1]), Path(sys.argv[2])
seen, reads = [], 0
while not stop.exists():
    manifest, about = look(link)
    assert str(manifest["version"]) == about["version"], (manifest["version"], about["version"])
    # the plain path, as a tool opens it that knows nothing of links
    with duckdb.connect(str(link / "forecart.duckdb"), read_only=True) as connection:
        (version,) = connection.execute("select value from about where item = 'version'").fetchone()
        rows = connection.execute("select count(*), count(distinct model_version) from predictions.product_recommendations").fetchone()
    assert rows == (manifest["rows"]["predictions.product_recommendations"], 1), rows
    assert int(version) >= manifest["version"], "a version came back"
    seen.append(int(version))
    reads += 1
    print(version, flush=True)
assert seen == sorted(seen), seen
"""


def test_readers_see_no_error_and_no_torn_state(run, tmp_path):
    stop = tmp_path / "stop"
    world.publish_next(run, 1)
    command = [sys.executable, "-c", READER, str(run.folder / "published"), str(stop)]
    readers = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        for reader in readers:
            reader.stdout.readline()  # it reads: publishing may begin
        for number in range(2, PUBLISHES + 1):
            world.publish_next(run, number)
        time.sleep(0.5)
        stop.touch()
        for reader in readers:
            told, errors = reader.communicate(timeout=30)
            assert reader.returncode == 0, errors
            assert len(set(told.split())) > 2, "the reader slept through the publishing"
    finally:
        for reader in readers:
            reader.kill()
