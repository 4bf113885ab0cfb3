"""What fuzzing found worth keeping (tests/fuzz) is read again: nothing raises, hangs or grows."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import REPOSITORY
from microfiche.captures.files import FileSpan, captures_in
from microfiche.collation.draft import draft
from microfiche.outlets.lookup import Outlets

CORPUS = REPOSITORY / "tests" / "fuzz" / "corpus"
NAMES = {
    "text": "a.txt", "page": "a.html", "jsonl": "a.jsonl", "warc": "a.warc", "gzip": "a.warc.gz",
    "zstd": "a.warc.zst", "wacz": "a.wacz",
}  # fmt: skip
LIMIT = 1 << 16
COURIER = {
    "id": "courier",
    "name": "Harbour Courier",
    "languages": ["en"],
    "domains": [{"host": "courier.example", "role": "canonical"}],
    "boilerplate": [{"line": "The Courier, every day", "kind": "promotion", "identifies": True}],
}
SIDECARS = {"text": 'outlet_id = "courier"', "page": 'url = "https://courier.example/a/1"'}


def test_the_corpus_has_every_reader() -> None:
    """No reader is without inputs."""
    assert {path.name for path in CORPUS.iterdir() if any(path.iterdir())} == set(NAMES)


@pytest.mark.parametrize("kind", NAMES)
def test_every_input_gives_captures_or_faults(kind: str, tmp_path: Path) -> None:
    """Whatever the octets, each capture ends as a draft: rows, or faults where it gives none."""
    outlets = Outlets([COURIER])
    file = tmp_path / NAMES[kind]
    if kind in SIDECARS:
        file.with_name(f"{file.name}.toml").write_text(SIDECARS[kind])
    for path in sorted((CORPUS / kind).iterdir()):
        octets = path.read_bytes()
        file.write_bytes(octets)
        for capture in captures_in(file, FileSpan(file.name, 0, len(octets)), LIMIT):
            found = draft(capture, outlets)
            assert found.kept or found.faults, path
