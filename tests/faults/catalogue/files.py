"""Files that are damaged, hostile, unfinished, sent again or corrected."""

import gzip

from tests.faults.writing import ACCEPT, LINES, QUARANTINE, STOP, Case, bomb, csv, cut, flip_a_bit, link_out, one, parquet, zipped

FILES = [
    one("gzip", ACCEPT, 4, gzip.compress(csv(*LINES)), entity="gzip"),
    one("a gzip file cut short", STOP, 0, cut(gzip.compress(csv(*LINES * 50)), 0.6), "damaged or still being written", entity="gzip"),
    one(
        "a gzip file with a flipped bit",
        STOP,
        0,
        flip_a_bit(gzip.compress(csv(*LINES))),
        "damaged",
        entity="gzip",
    ),
    one("an archive bomb", STOP, 0, bomb, "unpack to more than", entity="gzip"),
    one("an archive that names a way out of the folder", STOP, 0, zipped(csv(*LINES)), "lines_1_v1.csv"),
    Case("a file that is still being written", ACCEPT, 4, (("lines_1_v1.csv", csv(*LINES)), ("lines_2_v1.csv.part", csv(LINES[0])))),
    Case("a hidden file", ACCEPT, 4, (("lines_1_v1.csv", csv(*LINES)), (".lines_2_v1.csv", csv(LINES[0])))),
    one("a link that leads out of the folder", STOP, 0, link_out, "leads out of it"),
    Case("a name with dots and blanks", ACCEPT, 4, (("lines_.. .. etc passwd_v1.csv", csv(*LINES)),)),
    Case("no file at all", STOP, 0, (("other.csv", csv(*LINES)),), "found none"),
    Case("the same file again", ACCEPT, 4, (("lines_1_v1.csv", csv(*LINES)), ("lines_1_v1.csv", csv(*LINES)))),
    Case("the same bytes under another name", ACCEPT, 4, (("lines_1_v1.csv", csv(*LINES)), ("lines_1b_v1.csv", csv(*LINES)))),
    Case(
        "the same name with other content",
        STOP,
        4,
        (("lines_1_v1.csv", csv(*LINES)), ("lines_1_v1.csv", csv(*LINES[:2]))),
        "found other content",
    ),
    Case("a correction with a newer version", ACCEPT, 2, (("lines_1_v1.csv", csv(*LINES)), ("lines_1_v2.csv", csv(*LINES[:2])))),
    Case(
        "a correction that comes before what it corrects", ACCEPT, 2, (("lines_1_v2.csv", csv(*LINES[:2])), ("lines_1_v1.csv", csv(*LINES)))
    ),
    Case(
        "a correction back to what was first",
        ACCEPT,
        4,
        (("lines_1_v1.csv", csv(*LINES)), ("lines_1_v2.csv", csv(*LINES[:2])), ("lines_1_v3.csv", csv(*LINES))),
    ),
    Case("batches out of order", ACCEPT, 4, (("lines_2_v1.csv", csv(*LINES[2:])), ("lines_1_v1.csv", csv(*LINES[:2])))),
    one("Parquet", ACCEPT, 4, parquet("from typed"), entity="parquet"),
    one("Parquet cut short", STOP, 0, b"PAR1 and nothing behind it", "cannot be read", entity="parquet"),
    one(
        "Parquet with a renamed column",
        STOP,
        0,
        parquet("select * rename (quantity as amount) from typed"),
        "expected column quantity, found amount",
        entity="parquet",
    ),
    one(
        "Parquet with a retyped column",
        STOP,
        0,
        parquet("select * replace (quantity::varchar as quantity) from typed"),
        "quantity of type integer",
        entity="parquet",
    ),
    one(
        "Parquet with infinity",
        QUARANTINE,
        3,
        parquet("select * replace (if(line_id = 'L1', 'inf'::double, weight) as weight) from typed"),
        "weight: not a finite",
        entity="parquet",
    ),
]
