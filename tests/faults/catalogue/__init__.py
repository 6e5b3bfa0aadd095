"""The catalogue of malformed and hostile input: what is delivered, and what must become of it."""

from tests.faults.catalogue.documents import JSON
from tests.faults.catalogue.files import FILES
from tests.faults.catalogue.structure import STRUCTURE
from tests.faults.catalogue.values import VALUES

CASES = [*STRUCTURE, *FILES, *VALUES, *JSON]
