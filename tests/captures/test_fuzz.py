"""What fuzzing found worth keeping (tests/fuzz) is read again: nothing raises, hangs or grows."""

from __future__ import annotations

from pathlib import Path

import pytest
from readers import READERS

from conftest import REPOSITORY

CORPUS = REPOSITORY / "tests" / "fuzz" / "corpus"


def test_the_corpus_has_every_reader() -> None:
    """No reader is without inputs."""
    assert {path.name for path in CORPUS.iterdir() if any(path.iterdir())} == set(READERS)


@pytest.mark.parametrize("kind", READERS)
def test_every_input_gives_captures_or_faults(kind: str, tmp_path: Path) -> None:
    """Whatever the octets, a reader comes to its end, or refuses them in words of its own."""
    name, read = READERS[kind]
    for path in sorted((CORPUS / kind).iterdir()):
        (tmp_path / name).write_bytes(path.read_bytes())
        read(tmp_path / name)
