"""Laws that every release of every history keeps (see tests/builders/histories.py)."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from histories import PRIVATE, History, Work
from microfiche.errors import DataError
from microfiche.library import Release, open_archive
from microfiche.release.diff import diff

N_HISTORIES, N_RELEASES = int(os.environ.get("MICROFICHE_HISTORIES", "4")), 5
FIRST = int(os.environ.get("MICROFICHE_FIRST_HISTORY", "0"))
RUN = 8


def everything(root: Path) -> str:
    """All that a release says: its files as text, Parquet decoded; white space as one space."""
    said = []
    for file in sorted(root.rglob("*")):
        if file.suffix == ".parquet":
            said.append(json.dumps(pq.read_table(file).to_pylist(), default=str))
            said.append(str(pq.read_metadata(file).metadata))
        elif file.is_file():
            said.append(file.read_bytes().decode("utf-8", "replace"))
        said.append(file.name)
    return " ".join(" ".join(said).replace("\\n", " ").casefold().split())


def runs(sentence: str) -> set[str]:
    """Runs of eight words."""
    words = sentence.rstrip(".").casefold().split()
    return {" ".join(words[at : at + RUN]) for at in range(len(words) - RUN + 1)}


def like(one: set[str], other: set[str], *, contained: bool) -> bool:
    """Whether two works are surely reprints, by their sentences."""
    both = len(one & other)
    return both >= 0.8 * len(one | other) or (contained and both == min(len(one), len(other)))


def reprints(history: History, works: list[Work], *, private: bool) -> list[Work]:
    """Works and all that copy them, of outlets that do not show reprints by their own rights."""
    found, grown, contained = list(works), True, True
    while grown:
        fresh = [
            work
            for work in history.works.values()
            if work not in found
            for other in found
            if private or other.outlet == work.outlet or not own_rights(history, work)
            if any(
                like(set(mine), set(theirs), contained=contained)
                for _, mine in work.states
                for _, theirs in other.states
            )
        ]
        found += [work for place, work in enumerate(fresh) if work not in fresh[:place]]
        grown, contained = bool(fresh), False
    return found


def own_rights(history: History, work: Work) -> bool:
    """Whether an outlet shows reprints by its own rights."""
    _, based, own = history.rights[work.outlet]
    return based and own


def protected(history: History, release: Release) -> set[str]:
    """Runs of words that may stand nowhere in a release: of works withdrawn, or withheld there."""
    hidden: set[str] = set()
    for private in (True, False):
        taken = [w for w in history.works.values() if w.taken and (w.taken in PRIVATE) == private]
        for work in reprints(history, taken, private=private):
            hidden |= work.sentences
    if release.access == "public":
        shut = [w for w in history.works.values() if withheld(history, w)]
        for work in reprints(history, shut, private=False):
            hidden |= work.sentences
    allowed = shown_all_the_same(history, hidden) | history.quoted
    return all_runs(hidden) - all_runs(allowed)


def all_runs(sentences: Iterable[str]) -> set[str]:
    """The runs of some sentences."""
    return {run for sentence in sentences for run in runs(sentence)}


def withheld(history: History, work: Work) -> bool:
    """Whether an outlet's own rights withhold the whole text."""
    policy, based, _ = history.rights[work.outlet]
    return policy == "withheld" or (policy == "full" and not based)


def shown_all_the_same(history: History, hidden: set[str]) -> set[str]:
    """Sentences of works whose outlet shows reprints by its own rights, or masks them."""
    return {
        sentence
        for work in history.works.values()
        if own_rights(history, work) and work.taken is None
        for sentence in work.sentences & hidden
    }


def check(history: History, before: Release | None, release: Release, cited: set[str]) -> None:
    """Every law."""
    said = everything(release.root)
    assert [run for run in protected(history, release) if run in said] == []
    for work in history.works.values():
        if work.taken in PRIVATE and not any(
            w.path == work.path or work.states[0][0] == w.states[0][0]
            for w in history.works.values()
            if w is not work
        ):
            assert work.path + '"' not in said
            assert all(title.casefold() not in said for title, _ in work.states)
    gone = {row["article_id"] for row in release.rows("withdrawn")}
    now = {
        each for row in release.rows("articles") for each in (row["article_id"], *row["aliases"])
    }
    assert cited <= gone | now
    assert not gone & now
    true_edits(history, release)
    list(history.published(release))
    if before:
        rows = [row["article_id"] for row in before.rows("articles")]
        changed = {row["article_id"] for row in release.rows("changes")}
        mine = {row["article_id"] for row in release.rows("articles")}
        assert {each for each in rows if each not in mine} <= changed
        assert mine - set(rows) <= changed | {r["new_id"] for r in release.rows("changes")}
        least(before, release)


def true_edits(history: History, release: Release) -> None:
    """Only states of one work follow each other with the cause outlet."""
    notes = defaultdict(set)
    for row in release.rows("captures"):
        if row["article_id"] and (row["notes"] or "").startswith("truth "):
            notes[row["article_id"]].add(row["notes"].removeprefix("truth "))
    for article_id, works in notes.items():
        assert len(works) == 1, (article_id, works)
    for row in release.rows("revisions"):
        if row["cause"] == "outlet":
            (work,) = notes[row["article_id"]]
            assert row["title"] in {title for title, _ in history.works[work].states}


def least(before: Release, release: Release) -> None:
    """The version is the least that the difference allows, worked out here once more."""

    def held(side: Release, name: str, key: tuple[str, ...]) -> dict[Any, dict[str, Any]]:
        return {tuple(row[each] for each in key): row for row in side.rows(name)}

    old, new = (held(side, "articles", ("article_id",)) for side in (before, release))
    resolves = {each: key for key, row in new.items() for each in (key[0], *row["aliases"])}
    states = [held(side, "revisions", ("article_id", "revision_id")) for side in (before, release)]
    content = ("byline", "published", "language", "section_path", "keywords", "modified_at")
    level = "patch"
    differs = any(
        {key: row["record_sha256"] for key, row in held(before, name, kind.table.key).items()}
        != {key: row["record_sha256"] for key, row in held(release, name, kind.table.key).items()}
        for name, kind in release.types.items()
        if name != "changes" and name in before.types
    )
    level = "minor" if differs else level
    order = ("withheld", "masked", "full")
    for key, row in old.items():
        now = new.get(resolves.get(key[0], ("",)))
        if now is None:
            level = "major"
            break
        if any(row[name] not in (None, []) and row[name] != now[name] for name in content):
            level = "major"
        if order.index(now["text_access"]) < order.index(row["text_access"]):
            level = "major"
        elif now["text_access"] != row["text_access"] and level == "patch":
            level = "minor"
    for article_id, revision_id in states[0]:
        if (resolves.get(article_id, ("",))[0], revision_id) not in states[1]:
            level = "major"
    parts = [int(each) for each in before.version.split(".")]
    expected = {
        "major": f"{parts[0] + 1}.0.0",
        "minor": f"{parts[0]}.{parts[1] + 1}.0",
        "patch": f"{parts[0]}.{parts[1]}.{parts[2] + 1}",
    }[level]
    found = diff(before, release).version_after(before.version)[0]
    assert found == expected, (before.version, found, expected)


@pytest.mark.parametrize("seed", range(FIRST, FIRST + N_HISTORIES))
def test_every_release_of_every_history_keeps_the_laws(tmp_path: Path, seed: int) -> None:
    """Nothing withheld or withdrawn, no id or article lost, no false edit, the least version."""
    history = History(tmp_path / "a", seed)
    cited: set[str] = set()
    before: dict[str, Release | None] = {"full": None, "public": None}
    for number in range(N_RELEASES):
        if number:
            history.step()
        for access in ("full", "public"):
            release = history.build(f"2026-03-{number + 1:02}", access)
            known = before[access]
            same = known is not None and known.root == release.root
            check(history, None if same else known, release, cited if access == "full" else set())
            again = history.root if number == N_RELEASES - 1 else None
            assert [v for v in release.verify(rebuild=again) if not v.ok] == []
            before[access] = release
            for article_id, aliases, _ in history.published(release):
                cited |= {article_id, *aliases}
    assert open_archive(history.root).validate().n_captures


def test_an_archive_with_every_kind_of_right_tells_nothing_it_may_not(tmp_path: Path) -> None:
    """Three hundred articles and more, with reprints, quotations, edits, moves and withdrawals."""
    history = History(tmp_path / "a", seed=300, n_works=260)
    history.build("2026-03-01")
    for happening in (history.reprint, history.quote, history.edit, history.recapture) * 12:
        happening()
    for happening in (history.reprint, history.reuse, history.move, history.not_there) * 15:
        happening()
    history.build("2026-03-02")
    for _ in range(24):
        history.withdraw()
    history.lift()
    releases = [history.build("2026-03-03", access) for access in ("full", "public")]
    assert len(history.works) > 300
    assert len({work.taken for work in history.works.values()}) > 5
    for release in releases:
        assert len(protected(history, release)) > 1000
        check(history, None, release, set())
        assert [v for v in release.verify(rebuild=history.root) if not v.ok] == []
    history.lines.clear()
    with pytest.raises(DataError, match="MF604"):
        history.build("2026-03-04")
