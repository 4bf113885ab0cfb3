"""datacite.json of a release by DataCite's own schema 4.5: datacite45.py RELEASE."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from datacite import schema45

DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?(/(\d{4}(-\d\d(-\d\d)?)?)?)?")

page = json.loads((Path(sys.argv[1]) / "datacite.json").read_bytes())
assert list(schema45.validator.iter_errors({"x": 1})), "a schema that takes anything"
wrong = [
    f"{'/'.join(map(str, each.path))}: {each.message}"
    for each in schema45.validator.iter_errors(page)
]
wrong += [f"no date: {each['date']}" for each in page["dates"] if not DATE.fullmatch(each["date"])]
schema45.tostring(page)  # its XML form, which a registration sends
print("\n".join(wrong) or f"{len(page)} properties")
sys.exit(bool(wrong))
