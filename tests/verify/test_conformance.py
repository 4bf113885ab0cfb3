"""The rules of a release: one that breaks a single one is refused by its code and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conformance import UNBROKEN, WRONG, laid_out, right
from conftest import REPOSITORY
from microfiche.library import verify
from microfiche.verify.rules import RULES

PAGE = REPOSITORY / "docs" / "conformance.md"


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The releases that are right."""
    return right(tmp_path_factory.mktemp("right"))


def codes(root: Path, **asked: object) -> set[str]:
    """The rules that verify finds broken; a fault without a code is none of them."""
    if "rebuild" in asked:
        asked["rebuild"] = root.parents[2] / str(asked["rebuild"])
    faults = [fault for verdict in verify(root, **asked) for fault in verdict.faults]
    return {fault.partition(" ")[0] for fault in faults}


def test_right_releases_hold(bases: dict[str, Path]) -> None:
    """Of every kind of table, the one after it, a public one, one of many files."""
    assert {name: codes(root, load=True) for name, root in bases.items()} == {
        name: set() for name in bases
    }
    assert len(list((bases["shards"] / "data" / "articles").glob("*.parquet"))) > 1


@pytest.mark.parametrize("code", WRONG)
def test_a_wrong_release_is_refused_by_its_code_and_no_other(
    code: str, bases: dict[str, Path], tmp_path: Path
) -> None:
    """Everything but the fault fits."""
    root = laid_out(code, bases, tmp_path / "wrong")
    (tmp_path / "others").symlink_to(bases["shards"].parents[2])
    assert codes(root, **WRONG[code].asked) == {code}


def test_every_rule_is_broken_once_and_told_in_the_docs() -> None:
    """In the order of their codes."""
    assert [*WRONG] == [rule.code for rule in RULES if rule.code not in UNBROKEN]
    stated = re.findall(r"^\| `(R\d{3})` \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert stated == [tuple(rule) for rule in RULES]
