"""JSON, by lines and as one document."""

import json

from tests.faults.writing import ACCEPT, QUARANTINE, RECORDS, STOP, cut, deep, jsonl, one

JSON = [
    one("JSON lines", ACCEPT, 4, jsonl(*RECORDS), entity="jsonl"),
    one("a line that is no JSON", QUARANTINE, 3, jsonl(*RECORDS[:3], '{"line_id": '), "no JSON", entity="jsonl"),
    one("a line that is no object", QUARANTINE, 3, jsonl(*RECORDS[:3], "[1, 2]"), "no JSON object", entity="jsonl"),
    one(
        "a key that comes twice",
        QUARANTINE,
        3,
        jsonl(*RECORDS[:3], json.dumps(RECORDS[3])[:-1] + ', "price": 1}'),
        "a key that comes twice",
        entity="jsonl",
    ),
    one(
        "JSON 5,000 levels deep beside the rest",
        ACCEPT,
        4,
        jsonl(*RECORDS[:3], json.dumps(RECORDS[3])[:-1] + ', "x": ' + deep(5000) + "}"),
        entity="jsonl",
    ),
    one("a number in quotes", ACCEPT, 4, jsonl(*RECORDS[:3], RECORDS[3] | {"price": "9.99"}), entity="jsonl"),
    one(
        "an object where a number was declared",
        QUARANTINE,
        3,
        jsonl(*RECORDS[:3], RECORDS[3] | {"price": {"amount": 9.99}}),
        "price: no readable",
        entity="jsonl",
    ),
    one(
        "JSON without a required key",
        STOP,
        0,
        jsonl(*({k: v for k, v in record.items() if k != "quantity"} for record in RECORDS)),
        "expected column quantity",
        entity="jsonl",
    ),
    one("a JSON document", ACCEPT, 4, json.dumps({"lines": RECORDS}).encode(), entity="json"),
    one(
        "a JSON document cut short",
        STOP,
        0,
        cut(json.dumps({"lines": RECORDS}).encode(), 0.7),
        "found none that can be read",
        entity="json",
    ),
    one("a JSON document without its array", STOP, 0, json.dumps({"rows": RECORDS}).encode(), "an array 'lines'", entity="json"),
    one("a JSON document 100,000 levels deep", STOP, 0, deep(100_000).encode(), "found none that can be read", entity="json"),
]
