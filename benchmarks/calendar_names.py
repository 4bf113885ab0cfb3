"""Write the names of months and weekdays that dates are read by, from CLDR as babel has it.

A name that means different months in two of the languages is left out, and told.

    python benchmarks/calendar_names.py > builder/microfiche/dates/names.json
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterator

from babel import Locale, __version__

LANGUAGES = (
    "en fr de es pt it nl pl tr ru uk fa ar ar_SY ar_DZ ar_MA he hi bn ur id sw ca sv da nb fi cs "
    "ro hu el bg vi th az"
).split()
# Other spellings that pages print and CLDR does not have.
SPELLINGS = {
    "sept": 9, "janv": 1, "févr": 2, "mrt": 3, "fevrier": 2, "aout": 8, "decembre": 12,
    "setiembre": 9, "jän": 1, "jänner": 1, "feber": 2, "ژانویه": 1, "فوریه": 2, "آوریل": 4, "مه": 5,
    "ژوئن": 6, "ژوئیه": 7, "اوت": 8, "اکتبر": 10, "نوامبر": 11, "دسامبر": 12, "ابريل": 4,
    "اغسطس": 8, "اكتوبر": 10, "mär": 3, "mae": 5,
}  # fmt: skip


def folded(name: str) -> str:
    """A name as it is looked up: small letters, no full stop, plain spaces."""
    return unicodedata.normalize("NFC", " ".join(name.casefold().strip(". ").split()))


def months(locale: Locale) -> Iterator[tuple[str, int]]:
    """Names of the months in a language, each with its number."""
    for context in locale.months.values():
        for width, names in context.items():
            if width != "narrow":
                yield from ((folded(name), number) for number, name in names.items())


def weekdays(locale: Locale) -> Iterator[str]:
    """Names of the days of the week in a language."""
    for context in locale.days.values():
        for width, names in context.items():
            if width in ("wide", "abbreviated"):
                yield from (folded(name) for name in names.values())


def main() -> None:
    """Print the names."""
    known: dict[str, set[int]] = defaultdict(set)
    days: set[str] = set()
    for language in LANGUAGES:
        locale = Locale.parse(language)
        for name, number in months(locale):
            if not name.replace(" ", "").isdigit() and len(name) > 1:
                known[name].add(number)
        days |= {name for name in weekdays(locale) if len(name) > 1}
    for name, number in SPELLINGS.items():
        known[folded(name)].add(number)
    unclear = sorted(name for name, numbers in known.items() if len(numbers) > 1)
    sys.stderr.write(f"left out, for they mean several months: {', '.join(unclear)}\n")
    named = {name: min(numbers) for name, numbers in sorted(known.items()) if len(numbers) == 1}
    about = f"Names from Unicode CLDR by babel {__version__}; see names.LICENSE"
    told = {"about": about, "months": named, "weekdays": sorted(days - named.keys())}
    sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=0) + "\n")


if __name__ == "__main__":
    main()
