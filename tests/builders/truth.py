"""An archive of 2,000 invented articles whose collation is known: what belongs together, what not.

Five outlets: one with two mirrors, one with a French site of equal paths, one whose pages name a
canonical address. Every capture has the key of its article in `TRUTH_KEY`, which stands in its
notes and is told to nothing that collates.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

N_ARTICLES = 2000
TRUTH_KEY = "truth "
WORDS = [
    f"{stem}{ending}"
    for stem in "harb ledg lamp quay penc volum wint read offic door coat shelf tid map rop".split()
    for ending in "a e i o u an en in on un ar er ir or ur as es is".split()
]
OUTLETS = {
    "courier": [
        ("courier.example", "canonical"),
        ("m1.example", "mirror"),
        ("m2.example", "mirror"),
    ],
    "gazette": [("gazette.example", "canonical")],
    "herald": [("herald.example", "canonical"), ("old-herald.example", "former")],
    "observer": [("observer.example", "canonical")],
    "tribune": [("tribune.example", "canonical")],
}
PATTERN = "[[urls]]\npattern = '^/story/(?P<id>[0-9]+)'\nprefix = \"story\"\n"
Capture = dict[str, Any]


def text(rng: random.Random, words: int = 120) -> str:
    """Paragraphs that no other article has."""
    drawn = rng.choices(WORDS, k=words)
    parts = (" ".join(drawn[at : at + 30]).capitalize() + "." for at in range(0, words, 30))
    return "\n\n".join(parts)


def captures(seed: int = 1) -> Iterator[Capture]:
    """Every capture, article by article."""
    rng = random.Random(seed)
    makers = (
        mirrored, variants, revised, undone, plain, urlless_first, two_languages, template, reprinted,
        moved,
    )  # fmt: skip
    for number in range(N_ARTICLES):
        maker = makers[number % len(makers)]
        day = f"2025-{number % 12 + 1:02}-{number % 27 + 1:02}"
        yield from maker(rng, number, day)


def capture(key: str, outlet: str, url: str | None, body: str, at: str, **more: Any) -> Capture:
    """A ready record."""
    known = {"retrieved_at": at, "notes": TRUTH_KEY + key}
    record = {"outlet_id": outlet, "title": f"On {body[:40]}", "text": body, "retrieval": known}
    return {**record, **({"url": url} if url else {}), **more}


def plain(rng: random.Random, n: int, day: str) -> Iterator[Capture]:
    """One article, captured once."""
    yield capture(
        f"p{n}", "observer", f"https://observer.example/{n}", text(rng), f"{day}T10:00:00Z"
    )


def mirrored(rng: random.Random, n: int, day: str) -> Iterator[Capture]:
    """The same article on the canonical host and on both mirrors."""
    body = text(rng)
    for hour, (host, _) in enumerate(OUTLETS["courier"]):
        url = f"https://{host}/story/{n}/{'-'.join(body.split()[:3]).lower()}"
        yield capture(f"m{n}", "courier", url, body, f"{day}T0{hour}:00:00Z")


def variants(rng: random.Random, n: int, day: str) -> Iterator[Capture]:
    """Spellings of one address: scheme, www, case, slash, tracking, fragment."""
    body = text(rng)
    for hour, url in enumerate(
        (
            f"https://gazette.example/news/{n}",
            f"http://www.gazette.example/news/{n}/",
            f"https://GAZETTE.example:443/news/{n}?utm_source=x&fbclid=y#comments",
            f"https://gazette.example/./news/{n}",
        )
    ):
        yield capture(f"v{n}", "gazette", url, body, f"{day}T0{hour}:00:00Z")


def revised(rng: random.Random, n: int, day: str) -> Iterator[Capture]:
    """A paragraph was changed."""
    body = text(rng)
    parts = body.split("\n\n")
    later = "\n\n".join([*parts[:-1], text(rng, 30)])
    for hour, state in enumerate((body, later)):
        url = f"https://herald.example/a/{n}"
        yield capture(f"r{n}", "herald", url, state, f"{day}T1{hour}:00:00Z", title="Headline")


def undone(rng: random.Random, n: int, day: str) -> Iterator[Capture]:
    """An edit that was taken back: A, B, A."""
    one, other = text(rng), text(rng)
    for hour, state in enumerate((one, other, one)):
        url = f"https://tribune.example/a/{n}"
        yield capture(f"u{n}", "tribune", url, state, f"{day}T1{hour}:00:00Z", title="Headline")


def urlless_first(rng: random.Random, n: int, day: str) -> Iterator[Capture]:
    """A copy without an address, known before one with an address."""
    body = text(rng)
    yield capture(f"c{n}", "observer", None, body, f"{day}T01:00:00Z")
    yield capture(f"c{n}", "observer", f"https://observer.example/{n}", body, f"{day}T09:00:00Z")


def two_languages(rng: random.Random, n: int, day: str) -> Iterator[Capture]:
    """Two articles with one path, on hosts of two languages."""
    for site, host in (("en", "tribune.example"), ("fr", "fr.tribune.example")):
        url = f"https://{host}/b/{n}"
        yield capture(f"l{n}{site}", "tribune", url, text(rng), f"{day}T10:00:00Z")


def template(_rng: random.Random, n: int, day: str) -> Iterator[Capture]:
    """Two reports that differ in their numbers alone, under one headline."""
    for part in (0, 1):
        tide, wind = n * 7 + part * 13, n * 3 + part * 5
        body = (
            f"The tide rose to {tide} feet at the quay and fell to {tide - 3} by noon. The wind was {wind} "
            f"knots from the west, and the barometer stood at {tide + wind} all morning. The keeper of the "
            f"light counted {wind + 2} sails between the pier and the point, and {tide + 4} gulls on the "
            f"roof. No more than {wind + 9} visitors came to read the gauge on day {tide * 2}."
        )
        url = f"https://gazette.example/tide/{n}-{part}"
        yield capture(f"t{n}{part}", "gazette", url, body, f"{day}T10:00:00Z", title="Tide report")


def reprinted(rng: random.Random, n: int, day: str) -> Iterator[Capture]:
    """One text in two outlets: two articles."""
    body = text(rng)
    for outlet in ("gazette", "observer"):
        url = f"https://{outlet}.example/wire/{n}"
        yield capture(f"w{n}{outlet}", outlet, url, body, f"{day}T10:00:00Z")


def moved(rng: random.Random, n: int, day: str) -> Iterator[Capture]:
    """One article on the old host and the new one, the new page also under a second address."""
    body = text(rng)
    for hour, url in enumerate(
        (
            f"https://old-herald.example/m/{n}",
            f"https://herald.example/m/{n}",
            f"https://herald.example/print?id={n}",
        )
    ):
        yield capture(f"o{n}", "herald", url, body, f"{day}T0{hour}:00:00Z")


def write_archive(root: Path, order: int) -> None:
    """The archive, its lines in the order of this seed, in as many files as the seed says."""
    (root / "raw" / "outlets").mkdir(parents=True)
    (root / "raw" / "captures").mkdir()
    for name, hosts in OUTLETS.items():
        domains = "".join(
            f'[[domains]]\nhost = "{host}"\nrole = "{role}"\n' for host, role in hosts
        )
        if name == "tribune":
            domains += '[[domains]]\nhost = "fr.tribune.example"\nrole = "canonical"\nsite = "fr"\n'
        entry = f'id = "{name}"\nname = "The {name}"\n{domains}'
        entry += PATTERN if name == "courier" else ""
        (root / "raw" / "outlets" / f"{name}.toml").write_text(entry)
    (root / "raw" / "dataset.toml").write_text('name = "truth"\ntitle = "Truth"\n')
    (root / "DATASHEET.md").write_text("# Datasheet\n")
    lines = [json.dumps(each) + "\n" for each in captures()]
    random.Random(order).shuffle(lines)
    for part in range(order + 1):
        file = root / "raw" / "captures" / f"{part}.jsonl"
        file.write_text("".join(lines[part :: order + 1]))
