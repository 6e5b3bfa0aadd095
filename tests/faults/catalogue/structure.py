"""How a file of lines may be made badly: encodings, quotes, line ends, columns."""

from tests.faults.writing import ACCEPT, HEADER, LINES, QUARANTINE, REPAIR, STOP, csv, one, with_value

STRUCTURE = [
    one("byte-order mark", REPAIR, 4, b"\xef\xbb\xbf" + csv(*LINES), "byte-order mark"),
    one("CRLF line ends", ACCEPT, 4, csv(*LINES, end="\r\n")),
    one("no line end at the end", ACCEPT, 4, csv(*LINES).rstrip()),
    one("blank lines between", ACCEPT, 4, csv(LINES[0], "", *LINES[1:3], "", "", LINES[3])),
    one(
        "line ends inside quotes",
        ACCEPT,
        4,
        csv(with_value("product", '"P1\nblue\nlarge"'), *LINES[1:]),
        holds="count(*) filter (product like 'P1%large') = 1",
    ),
    one(
        "quotes inside quotes",
        ACCEPT,
        4,
        csv(with_value("product", '"P ""1"""'), *LINES[1:]),
        holds="count(*) filter (product = 'P \"1\"') = 1",
    ),
    one("an inch sign in a field without quotes", ACCEPT, 4, csv(with_value("product", 'nail 5" long'), *LINES[1:])),
    one("a quote that never closes", STOP, 0, csv(*LINES[:3], 'L9,"C1,a@example.org,P1,2'), "quote"),
    one(
        "latin-1 where UTF-8 was declared",
        QUARANTINE,
        3,
        csv(*LINES[:3]) + with_value("product", "Käse", 3).encode("latin-1") + b"\n",
        "not in the declared encoding",
    ),
    one(
        "latin-1 as declared, decimal commas",
        ACCEPT,
        4,
        "\n".join(
            [HEADER.replace(",", ";")]
            + [line.replace(",", ";").replace("9.99", "1.009,99").replace("0.5", "0,5").replace("P1", "Käse") for line in LINES]
        ).encode("latin-1"),
        entity="german",
        holds="min(price) = 1009.99 and min(product) = 'Käse'",
    ),
    one(
        "a decimal point where commas were declared",
        QUARANTINE,
        3,
        "\n".join([HEADER, *LINES[:3], with_value("price", "6.08", 3)])
        .replace(",", ";")
        .replace("9.99", "9,99")
        .replace("0.5", "0,5")
        .encode(),
        "price: no readable decimal(10,2)",
        entity="german",
    ),
    one("UTF-16 where UTF-8 was declared", REPAIR, 4, csv(*LINES).decode().encode("utf-16"), "UTF-16"),
    one("another delimiter than declared", STOP, 0, csv(*LINES).replace(b",", b";"), "semicolon"),
    one("a row with another delimiter", QUARANTINE, 3, csv(*LINES[:3], LINES[3].replace(",", ";")), "too few columns"),
    one("a short row", QUARANTINE, 3, csv(*LINES[:3], "L4,C1"), "too few columns"),
    one("a long row", QUARANTINE, 3, csv(*LINES[:3], LINES[3] + ",more"), "too many columns"),
    one("a NUL character", QUARANTINE, 3, csv(*LINES[:3], with_value("product", "P\x001", 3)), "NUL"),
    one("a field of 5 MB", QUARANTINE, 3, csv(*LINES[:3], with_value("product", "x" * 5_000_000, 3)), "too long"),
    one("a field of 1 MB", ACCEPT, 4, csv(*LINES[:3], with_value("product", "x" * 1_000_000, 3))),
    one("a header with a name twice", STOP, 0, csv(*(line + ",1" for line in LINES), header=HEADER + ",price"), "price twice"),
    one(
        "columns in another order",
        ACCEPT,
        1,
        csv("2025-01-01 10:00:00,EUR,0.5,9.99,2,P1,a@example.org,C1,L1", header=",".join(reversed(HEADER.split(",")))),
        holds="min(quantity) = 2 and min(product) = 'P1'",
    ),
    one("a column without a name", STOP, 0, csv(*(line + "," for line in LINES), header=HEADER + ","), "a name for every column"),
    one("a renamed column", STOP, 0, csv(*LINES, header=HEADER.replace("quantity", "amount")), "expected column quantity, found amount"),
    one(
        "a missing column",
        STOP,
        0,
        csv(*(line.rsplit(",", 1)[0] for line in LINES), header=HEADER.rsplit(",", 1)[0]),
        "expected column ordered_at",
    ),
    one("an added column", ACCEPT, 4, csv(*(line + ",web" for line in LINES), header=HEADER + ",channel")),
    one(
        "a retyped column",
        STOP,
        0,
        csv(*(with_value("quantity", word, place) for place, word in enumerate(["one", "two", "three", "four"]))),
        "quantity: no readable integer",
    ),
    one("an empty file", STOP, 0, b"", "found an empty file"),
    one("a header and nothing else", ACCEPT, 0, csv()),
    one("a header and nothing else, where the file is all there is", STOP, 0, csv(), "an empty table", entity="whole"),
    one("column names that are SQL", ACCEPT, 4, csv(*(line + ",1" for line in LINES), header=HEADER + ',"x""); drop table judged; --"')),
]
