"""What a product's name says: words, model numbers, quantities, colours."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

_WORD = re.compile(r"[^\W_]+(?:[.][0-9]+)?")
_GAP = re.compile(r"[\s,;:()\[\]|]+")
_SIGN = re.compile(r"[\W_]+")
_TAIL = re.compile(r"[a-z]{1,4}$")

# Units as they are written after a number, with the one each is compared in and its factor.
_UNITS = {
    **dict.fromkeys(("in", "inch", "inches", "zoll", '"', "'", "''", "”", "″"), ("inch", 1.0)),
    **dict.fromkeys(("ft", "feet", "foot"), ("ft", 1.0)),
    "mm": ("m", 0.001),
    "cm": ("m", 0.01),
    **dict.fromkeys(("m", "meter", "meters", "metre", "metres"), ("m", 1.0)),
    "mg": ("g", 0.001),
    **dict.fromkeys(("g", "gr", "gram", "grams"), ("g", 1.0)),
    "kg": ("g", 1000.0),
    "ml": ("l", 0.001),
    "cl": ("l", 0.01),
    **dict.fromkeys(("l", "liter", "litre", "liters", "litres"), ("l", 1.0)),
    "mb": ("gb", 0.001),
    "gb": ("gb", 1.0),
    "tb": ("gb", 1000.0),
    **dict.fromkeys(("w", "watt", "watts"), ("watt", 1.0)),
    **dict.fromkeys(
        ("pack", "pk", "pcs", "pieces", "count", "ct", "stuck", "stk", "capsules", "kapseln", "tablets", "tabletten", "sheets"),
        ("count", 1.0),
    ),
    **dict.fromkeys(("port", "ports"), ("ports", 1.0)),
}
_QUANTITY = re.compile(
    r"(?<![\w.])([0-9]+(?:[.,][0-9]+)?)[\s-]?(" + "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True)) + r")(?!\w)"
)
# A number with the letters of a measure is no model number, whichever the measure: 1080p, 120hz, 16gb, 2x4, 3rd.
_MEASURE = re.compile(r"[0-9]+(?:[a-z]{1,2}|inch|port|disc|pack|watt)|[0-9]+x[0-9]+|[0-9]+(?:st|nd|rd|th)")

# Four signs and more with a digit and a letter, or five digits and more.
_CODE = re.compile(r"(?=.{4})(?=.*[0-9])(?=.*[^0-9]|.{5})")
_SPACED = re.compile(r"[^\W0-9_]{1,5} [0-9]{3,4}|[^\W0-9_]{1,4}[0-9]{2,5} [^\W0-9_]{1,2}")

_COLOURS = {
    name: colour
    for colour, names in {
        "black": "black schwarz",
        "white": "white weiss",
        "silver": "silver silber",
        "gray": "gray grey grau",
        "red": "red rot",
        "blue": "blue blau",
        "green": "green grun",
        "yellow": "yellow gelb",
        "pink": "pink rosa",
        "purple": "purple lila",
        "orange": "orange",
        "brown": "brown braun",
        "beige": "beige",
        "gold": "gold",
    }.items()
    for name in names.split()
}


def plain(text: object) -> str:
    """Lower case without accents, in one Unicode form; anything that is no text is empty."""
    if not isinstance(text, str):
        return ""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def parts(text: str) -> list[str]:
    """What stands between spaces in a plain text, without the signs within: lcs-twa/b is lcstwab."""
    return [part for part in (_SIGN.sub("", part) for part in _GAP.split(text)) if part]


def words(text: str) -> list[str]:
    """The words of a plain text and its parts, each once; a decimal number is one word."""
    return list(dict.fromkeys(_WORD.findall(text) + parts(text)))


def grams(text: str) -> list[str]:
    """Runs of three and of four characters of each part of a plain text, its ends marked."""
    found = []
    for part in parts(text):
        marked = f" {part} "
        for size in (3, 4):
            found += [marked[start : start + size] for start in range(max(1, len(marked) - size + 1))]
    return found


def codes(text: str) -> set[str]:
    """Model numbers in a plain text: parts with digits and letters, or of five digits and more; rs 130 and sd790 is, with a space within, too."""
    pieces = parts(text)
    found = {piece for piece in pieces if _is_code(piece)}
    return found | {first + second for first, second in pairwise(pieces) if _SPACED.fullmatch(f"{first} {second}")}


def base(code: str) -> str:
    """A model number without the letters at its end, which often name a colour or a market; itself where too little would be left."""
    shorter = _TAIL.sub("", code)
    return shorter if len(shorter) >= 4 and not shorter.isdigit() else code


def code_terms(text: str) -> list[str]:
    """Each model number and the base of each, marked, as terms to weigh by rarity."""
    found = codes(text)
    return [*found, *{f"{base(code)}*" for code in found}]


def quantities(text: str) -> Iterator[tuple[str, float]]:
    """Measures and counts in a plain text, each in the unit it is compared in."""
    for number, unit in _QUANTITY.findall(text):
        name, factor = _UNITS[unit]
        yield name, round(float(number.replace(",", ".")) * factor, 4)


def colours(text: str) -> set[str]:
    """The colours a plain text names."""
    return {_COLOURS[word] for word in _WORD.findall(text) if word in _COLOURS}


def _is_code(part: str) -> bool:
    return bool(_CODE.match(part)) and not _MEASURE.fullmatch(part)
