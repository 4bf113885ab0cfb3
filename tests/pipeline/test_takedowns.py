"""Takedowns that stay, copies that go with them, and no trace of what is private."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from conftest import Run
from microfiche.errors import CannotRun, DataError
from microfiche.library import Release, open_archive, verify
from microfiche.pipeline import BuildOptions
from small import build, outlet, prose, record, write

COURIER, HERALD = outlet("courier"), outlet("herald")
ID = "courier:n-1"


def line(article_id: str = ID, reason: str = "copyright", **more: str) -> dict[str, str]:
    """A line that withdraws an article."""
    stated = {"article_id": article_id, "reason": reason, "date": "2026-01-05", "authority": "desk"}
    return stated | more


def lift(article_id: str = ID, reason: str = "copyright") -> dict[str, str]:
    """A line that lifts a withdrawal."""
    return {**line(article_id, "settled out of court"), "lifts": reason}


def say(root: Path, *lines: dict[str, str]) -> None:
    """Write raw/withdrawals.jsonl."""
    text = "".join(json.dumps(each) + "\n" for each in lines)
    (root / "raw" / "withdrawals.jsonl").write_text(text)


def ids(release: Release, table: str = "articles") -> list[str]:
    """Ids of a table, sorted."""
    return sorted(row["article_id"] for row in release.rows(table))


def everything(root: Path) -> str:
    """All that a release says, Parquet decoded."""
    said = []
    for file in sorted(root.rglob("*")):
        if file.suffix == ".parquet":
            said.append(json.dumps(pq.read_table(file).to_pylist(), default=str))
        elif file.is_file():
            said.append(file.read_text("utf-8"))
        said.append(file.name)
    return "\n".join(said)


@pytest.fixture
def withdrawn(tmp_path: Path) -> Path:
    """An archive whose second release has withdrawn an article, full and public."""
    root = write(tmp_path / "a", [record(1), record(2)])
    build(root)
    say(root, line(reason="privacy"))
    for access in ("full", "public"):
        assert ids(build(root, access)) == ["courier:n-2"]
    return root


@pytest.mark.parametrize(
    "lines",
    [[], [line(reason="copyright")], [line("courier:n-2", "privacy")], [line(reason="safety")]],
    ids=["emptied", "weaker", "other", "exchanged"],
)
@pytest.mark.parametrize("where", ["full", "public", "elsewhere"])
def test_a_withdrawal_cannot_be_undone_by_editing(
    withdrawn: Path, tmp_path: Path, lines: list[dict[str, str]], where: str, run: Run
) -> None:
    """Whatever is built, also where no earlier release lies; validate says so too."""
    say(withdrawn, *lines)
    options: dict[str, Any] = {"out": tmp_path / "out"} if where == "elsewhere" else {}
    with pytest.raises(DataError, match="MF604") as refused:
        build(withdrawn, "public" if where == "public" else "full", **options)
    assert '"reason":"privacy"' in str(refused.value)
    assert "lifts" in str(refused.value)
    done = run("validate", withdrawn)
    assert done.returncode == 3
    assert "MF604" in done.stdout


def test_a_line_lifts_a_withdrawal(withdrawn: Path) -> None:
    """The article is added with the cause withdrawal, in a minor version; and may go again."""
    say(withdrawn, line(reason="privacy"), lift(reason="privacy"))
    release = build(withdrawn)
    assert release.version == "2.1.0"
    assert ids(release) == [ID, "courier:n-2"]
    assert release.rows("withdrawn") == []
    (change,) = release.rows("changes")
    assert (change["article_id"], change["change"], change["cause"]) == (ID, "added", "withdrawal")
    assert [v.faults for v in verify(release.root) if not v.ok] == []
    say(withdrawn, line(reason="privacy"), lift(reason="privacy"), line(reason="safety"))
    assert ids(build(withdrawn), "withdrawn") == [ID]
    say(withdrawn, line(reason="privacy"), lift(reason="privacy"))
    with pytest.raises(DataError, match="MF604"):
        build(withdrawn)


def test_what_is_lifted_must_be_captured(withdrawn: Path) -> None:
    """Else the id would neither resolve nor have a tombstone."""
    write(withdrawn, [record(2)])
    build(withdrawn, date="2026-02-01")
    say(withdrawn, line(reason="privacy"), lift(reason="privacy"))
    with pytest.raises(DataError, match=r"MF601.*lifted and not captured"):
        build(withdrawn)


@pytest.mark.parametrize("joins", ["a line", "equal words"])
def test_what_joined_a_withdrawn_article_is_lifted_with_it(tmp_path: Path, joins: str) -> None:
    """An id that it got while it was withdrawn resolves again, in full and public releases."""
    bare = {"outlet_id": "courier", "url": None, "title": "Piece 1", "published": "2024-01-10"}
    moved = record(4, text=prose(1) + "\n\n" + prose(9, 12))
    joined = moved if joins == "a line" else record(1, **bare)
    first = [record(1), record(2), *([moved] if joins == "a line" else [])]
    root = write(tmp_path / "a", first)
    build(root)
    build(root, "public")
    write(root, [record(1), record(2), {k: v for k, v in joined.items() if v is not None}])
    if joins == "a line":
        alias = {"old_id": "courier:n-4", "new_id": ID, "reason": "moved"}
        (root / "raw" / "aliases.jsonl").write_text(json.dumps(alias) + "\n")
    say(root, line())
    held = [ids(build(root, access), "withdrawn") for access in ("full", "public")]
    assert held[0] == held[1]
    assert len(held[0]) == 2
    say(root, line(), lift())
    for access in ("full", "public"):
        release = build(root, access)
        assert ids(release) == [ID, "courier:n-2"]
        assert sorted([ID, *release.article(ID)["aliases"]]) == held[0]


def test_an_id_told_apart_resolves_when_its_withdrawal_is_lifted(tmp_path: Path) -> None:
    """Also an id that it only had beside another work at its address, withdrawn and gone since."""
    copied = other_work("2025-06-01T00:00:00Z")
    original = record(3, title=copied["title"], text=copied["text"])
    root = write(tmp_path / "a", [record(1), record(2), original])
    build(root)
    write(root, [record(1), record(2), original, copied])
    say(root, line(), line("courier:n-3"))
    build(root)
    write(root, [record(1), record(2), original])
    say(root, line(), line("courier:n-3"), lift())
    release = build(root)
    assert release.article(ID)["aliases"]
    assert verdicts(release, root) == []


@pytest.mark.parametrize("order", [1, -1])
def test_the_stronger_reason_counts(tmp_path: Path, order: int) -> None:
    """In whichever order the lines stand."""
    root = write(tmp_path / "a", [record(1), record(2)])
    say(root, *[line(), line(reason="privacy")][::order])
    (tomb,) = build(root).rows("withdrawn")
    assert (tomb["reason"], tomb["title"], tomb["url"]) == ("privacy", None, None)


def test_a_second_withdrawal_with_another_reason_is_written(tmp_path: Path) -> None:
    """And takes effect if it is the stronger."""
    root = write(tmp_path / "a", [record(1), record(2)])
    build(root)
    for reason, already in (("copyright", False), ("privacy", False), ("privacy", True)):
        done = open_archive(root).withdraw(ID, {"reason": reason, "authority": "desk"})
        assert done.already == already
    assert [row["title"] for row in build(root).rows("withdrawn")] == [None]


def reprinted(tmp_path: Path, *outlets: str, **more: Any) -> Path:
    """An article, and its reprint by another outlet with a line more under another headline."""
    text = prose(1, 120)
    copy = record(7, host="herald.example", text=f"{text}. {prose(70, 12)}", **more)
    other = record(8, host="herald.example")
    return write(tmp_path / "a", [record(1, text=text), record(2), copy, other], *outlets)


def test_a_copy_is_withdrawn_with_what_it_copies(tmp_path: Path) -> None:
    """It is named, has a tombstone, and stays withdrawn when the original is captured no more."""
    root = reprinted(tmp_path, COURIER, HERALD)
    build(root)
    say(root, line())
    done = open_archive(root).build(BuildOptions(workers=1, date="2026-02-01"))
    (finding,) = [each for each in done.findings if each.code == "MF606"]
    assert "herald:n-7" in finding.message
    assert ID in finding.message
    tombs = {row["article_id"]: row for row in done.release.rows("withdrawn")}
    assert tombs["herald:n-7"]["withdrawn_with"] == ID
    assert tombs["herald:n-7"]["title"] == "Piece 7"
    assert tombs[ID]["withdrawn_with"] is None
    assert ids(done.release) == ["courier:n-2", "herald:n-8"]
    assert verdicts(done.release, root) == []
    lines = (root / "raw/captures/records.jsonl").read_text().splitlines(keepends=True)
    (root / "raw/captures/records.jsonl").write_text("".join(lines[1:]))
    (root / "dist/press/1.0.0").rename(root / "gone")
    later = build(root, date="2026-03-01")
    assert ids(later, "withdrawn") == [ID, "herald:n-7"]
    say(root, line(), lift("herald:n-7"))
    assert ids(build(root, date="2026-04-01")) == ["courier:n-2", "herald:n-7", "herald:n-8"]


def verdicts(release: Release, root: Path) -> list[Any]:
    """What does not hold of a release, its rebuild too."""
    return [v for v in release.verify(rebuild=root) if not v.ok]


OWN = HERALD + 'reprints = "own"\n'


@pytest.mark.parametrize(
    ("herald", "reason", "gone"),
    [(OWN, "copyright", [ID]), (OWN, "privacy", [ID, "herald:n-7"]), (outlet("herald", basis=None) + 'reprints = "own"\n', "copyright", [ID, "herald:n-7"])],
    ids=["own", "private", "no-basis"],
)  # fmt: skip
def test_reprints_by_own_rights(tmp_path: Path, herald: str, reason: str, gone: list[str]) -> None:
    """They stay, if there is a basis for it; privacy is no matter of rights."""
    root = reprinted(tmp_path, COURIER, herald)
    say(root, line(reason=reason))
    assert ids(build(root), "withdrawn") == gone


def test_a_reprint_of_what_is_withheld_is_withheld(tmp_path: Path) -> None:
    """In the public release alone; by own rights it is shown; each is named."""
    for herald, shown in ((HERALD, "withheld"), (OWN, "full")):
        root = reprinted(tmp_path / shown, outlet("courier", "withheld"), herald)
        (tmp_path / shown).mkdir(exist_ok=True)
        assert ids(build(root)) == ["courier:n-1", "courier:n-2", "herald:n-7", "herald:n-8"]
        done = open_archive(root).build(BuildOptions(workers=1, date="2026-01-01", access="public"))
        access = {row["article_id"]: row["text_access"] for row in done.release.rows("articles")}
        assert access["herald:n-7"] == shown
        assert access["herald:n-8"] == "full"
        assert done.counts.get("MF607", 0) == (shown == "withheld")
        assert (prose(1, 120)[:60] in everything(done.release.root)) == (shown == "full")
        assert verdicts(done.release, root) == []


def test_two_masked_copies_do_not_tell_the_whole(tmp_path: Path) -> None:
    """Each would be masked in other places: one is withheld."""
    masked = [outlet(name, "masked") for name in ("courier", "herald")]
    release = build(reprinted(tmp_path, *masked), "public")
    access = {row["article_id"]: row["text_access"] for row in release.rows("articles")}
    assert access == {ID: "masked", "courier:n-2": "masked", "herald:n-7": "withheld", "herald:n-8": "masked"}  # fmt: skip


def test_an_earlier_revision_may_be_the_copy(tmp_path: Path) -> None:
    """What was a reprint once is shown no more of, since its earlier text would be told."""
    root = reprinted(tmp_path, outlet("courier", "withheld"), HERALD)
    later = {"retrieved_at": "2025-09-01T00:00:00Z", "method": "crawler"}
    lines = (root / "raw/captures/records.jsonl").read_text()
    edited = record(7, host="herald.example", text=prose(700), retrieval=later)
    (root / "raw/captures/records.jsonl").write_text(lines + json.dumps(edited) + "\n")
    release = build(root, "public")
    assert prose(1, 120)[:60] not in everything(release.root)


def test_a_quotation_in_common_takes_nothing_away(tmp_path: Path) -> None:
    """Two outlets that share a sentence lose no article, whatever is withheld or withdrawn."""
    said = f"{prose(99, 18)}."
    made = [record(n, host=h, text=f"{prose(10 * n + len(h), 60)}. {said} {prose(20 * n, 60)}.")
            for h in ("courier.example", "herald.example") for n in (1, 2)]  # fmt: skip
    root = write(tmp_path / "a", made, outlet("courier", "withheld"), HERALD)
    say(root, line())
    full, public = build(root), build(root, "public")
    assert ids(full) == ids(public) == ["courier:n-2", "herald:n-1", "herald:n-2"]
    shown = {row["article_id"]: row["text_access"] for row in public.rows("articles")}
    assert shown["herald:n-1"] == shown["herald:n-2"] == "full"


def test_a_wall_is_nobodys_text(tmp_path: Path) -> None:
    """Three articles that show one wall are not withdrawn with a fourth."""
    wall = prose(50, 70)
    root = write(tmp_path / "a", [record(n, text=wall) for n in range(1, 5)])
    say(root, line())
    assert ids(build(root)) == ["courier:n-2", "courier:n-3", "courier:n-4"]


HEADLINE = "Mara Quillfeather tells all about her neighbours"


def test_privacy_leaves_no_trace(tmp_path: Path, run: Run) -> None:
    """Not in rejected captures, redirects, gaps, findings, or bytes that are rejected elsewhere."""
    secret = record(1, title=HEADLINE, language="xx", text=prose(1, 90))
    bad = {
        **record(1),
        "text": "",
        "retrieval": {"notes": "n", "retrieved_at": "2025-02-01T00:00:00Z"},
    }
    gone = {
        "url": record(1)["url"],
        "text": "Not found",
        "retrieval": {"http_status": 404, "retrieved_at": "2025-03-01T00:00:00Z"},
    }
    moved = record(3)
    moved["retrieval"] = moved["retrieval"] | {"redirected_to": record(1)["url"]}
    root = write(tmp_path / "a", [secret, bad, gone, record(2), moved])
    page = f"{HEADLINE}\n\n{prose(1, 90)}\n"
    (root / "raw/captures/mara-quillfeather.txt").write_text(page)
    (root / "raw/captures/mara-quillfeather.txt.toml").write_text(
        f'outlet_id = "courier"\nurl = "{record(1)["url"]}"\n'
    )
    (root / "raw/captures/mara-twice.txt").write_text(page)  # of no outlet: rejected
    (root / "raw/expected").mkdir()
    (root / "raw/expected/list.txt").write_text(f"{record(1)['url']}\n")
    assert HEADLINE in everything(build(root).root)
    open_archive(root).withdraw(ID, {"reason": "safety", "authority": "desk"})
    for access in ("full", "public"):
        done = run("build", root, "--date", "2026-02-01", "--access", access, "--format", "text")
        assert done.returncode == 0, done.stderr
        said = done.stdout + done.stderr
        (release,) = [
            r
            for r in [root / f"dist/press{'-public' if access == 'public' else ''}/2.0.0"]
            if r.is_dir()
        ] or [root / "dist/press-public/1.0.0"]
        said += everything(release)
        for trace in (HEADLINE, "quillfeather", "mara-", '/2024/01/1"', prose(1, 90)[:50]):
            assert trace.lower() not in said.lower(), (access, trace)
        assert [v.faults for v in verify(release) if not v.ok] == []
    checked = run("validate", root)
    assert "quillfeather" not in checked.stdout.lower()


def test_the_archives_own_files_may_not_tell(tmp_path: Path) -> None:
    """A card that names what is withdrawn for privacy is refused, without quoting it."""
    root = write(tmp_path / "a", [record(1, title=HEADLINE), record(2)])
    (root / "raw/CARD.md").write_text(f"# About\n\nRead “{HEADLINE}”.\n")
    say(root, line(reason="privacy"))
    with pytest.raises(DataError, match=r"raw/CARD.md: line 3: error MF608") as refused:
        build(root)
    assert "Quillfeather" not in str(refused.value)


@pytest.mark.parametrize("reason", ["privacy", "copyright"])
def test_what_is_withdrawn_since_is_not_put_back(tmp_path: Path, reason: str) -> None:
    """Privacy: no new copy of that release is made. Else the text stays out, copies of it too."""
    shut = [outlet(name, "withheld") for name in ("courier", "herald")]
    root = reprinted(tmp_path, *shut)
    public = build(root, "public")
    say(root, line(reason=reason))
    if reason == "privacy":
        with pytest.raises(DataError, match="later release"):
            public.rehydrate(root, tmp_path / "out")
        assert not (tmp_path / "out").exists()
        return
    done = public.rehydrate(root, tmp_path / "out")
    assert done.still_withheld == (ID, "herald:n-7")
    assert prose(1, 120)[:60] not in everything(done.release.root)


def test_a_version_is_not_made_twice(tmp_path: Path) -> None:
    """One that is published and not at hand is asked for, by name."""
    root = write(tmp_path / "a", [record(1)])
    build(root)
    write(root, [record(1), record(2)])
    second = build(root)
    (root / "raw/releases.toml").write_text(
        '[versions."1.0.0"]\nissued = "2026-01-01"\n'
        '[versions."1.1.0"]\nissued = "2026-01-01"\ndoi = "10.5281/zenodo.77"\n'
        'published = ["hf://datasets/library/press"]\n'
    )
    second.root.rename(tmp_path / "1.1.0")
    write(root, [record(1), record(3)])
    for options in ({}, {"previous": root / "dist/press/1.0.0"}, {"access": "public"}):
        with pytest.raises(
            CannotRun, match=r"1\.1\.0 is published \(hf://datasets/library/press\)"
        ):
            build(root, **options)
    with pytest.raises(DataError, match="MF601"):
        build(root, previous=tmp_path / "1.1.0")
    write(root, [record(1), record(2), record(3)])
    assert build(root, previous=tmp_path / "1.1.0").version == "1.2.0"


@pytest.mark.parametrize("name", ["raw/outlets/courier.toml", "raw/dataset.toml", "DATASHEET.md"])
def test_a_file_that_is_saved_during_a_build_changes_nothing(tmp_path: Path, name: str) -> None:
    """The release carries what it was made from, and holds."""
    root = write(tmp_path / "a", [record(1)])
    before = (root / name).read_text()

    def save(stage: str, _done: int, _total: int) -> None:
        if stage == "reading captures":
            (root / name).write_text(before.replace("The Courier", "The Crier") + "# saved\n")

    release = open_archive(root).build(BuildOptions(workers=1, progress=save)).release
    assert (root / name).read_text() != before
    assert (release.root / "source" / name.removeprefix("raw/")).read_text() == before
    assert [v.faults for v in verify(release.root) if not v.ok] == []


def other_work(at: str) -> dict[str, Any]:
    """Another work at the address of record(1)."""
    known = {"retrieved_at": at, "method": "crawler"}
    return record(1, title="Orchestra names violinist conductor", text=prose(900), retrieval=known)


FERRY = "Council raises ferry tolls"


def test_a_withdrawal_follows_the_work(tmp_path: Path) -> None:
    """An older capture of another work at its address takes neither its id nor its withdrawal."""
    ferry = record(1, title=FERRY)
    root = write(tmp_path / "a", [ferry, record(3)])
    build(root)
    say(root, line(reason="privacy"))
    build(root)
    write(root, [ferry, other_work("2024-06-01T00:00:00Z"), record(3)])
    release = build(root, date="2026-02-01")
    assert FERRY not in everything(release.root)
    assert ID in ids(release, "withdrawn")
    assert {row["title"] for row in release.rows("articles")} == {
        "Piece 3",
        "Orchestra names violinist conductor",
    }
    assert verdicts(release, root) == []
    write(root, [other_work("2024-06-01T00:00:00Z"), record(3)])
    assert len(build(root, date="2026-03-01").rows("articles")) == 2


def test_a_published_id_keeps_its_work(tmp_path: Path) -> None:
    """Though an older capture of another work comes to its address."""
    ferry = record(1, title=FERRY)
    root = write(tmp_path / "a", [ferry, record(3)])
    build(root)
    write(root, [ferry, other_work("2024-06-01T00:00:00Z"), record(3)])
    release = build(root)
    assert release.version == "1.1.0"
    assert release.article(ID)["title"] == FERRY
    assert verdicts(release, root) == []


@pytest.mark.parametrize("which", [0, 1])
def test_what_shares_an_address_stays_when_captures_go(tmp_path: Path, which: int) -> None:
    """One of two works at an address is withdrawn and its captures deleted: the other holds."""
    made = [record(1, title=FERRY), other_work("2025-06-01T00:00:00Z")]
    root = write(tmp_path / "a", [*made, record(3)])
    first = {row["title"]: row["article_id"] for row in build(root).rows("articles")}
    title = made[which]["title"]
    open_archive(root).withdraw(first[title], {"reason": "privacy", "authority": "desk"})
    kept = {first[made[1 - which]["title"]], first["Piece 3"]}
    assert set(ids(build(root, date="2026-02-01"))) == kept
    write(root, [made[1 - which], record(3), record(4)])
    release = build(root, date="2026-03-01")
    assert kept < set(ids(release))
    assert title not in everything(release.root)
    assert verdicts(release, root) == []


def test_a_new_work_at_an_address_whose_captures_are_gone_waits_for_a_line(tmp_path: Path) -> None:
    """It may be what was withdrawn, written anew; a line by its own id lets it through."""
    root = write(tmp_path / "a", [record(1, title=FERRY), record(3)])
    build(root)
    say(root, line(reason="privacy"))
    build(root)
    write(root, [other_work("2025-06-01T00:00:00Z"), record(3)])
    done = open_archive(root).build(BuildOptions(workers=1, date="2026-02-01"))
    assert ids(done.release) == ["courier:n-3"]
    assert done.counts["MF606"] == 1


def test_a_new_address_pattern_undoes_no_withdrawal(tmp_path: Path) -> None:
    """The capture has another id then, and is withdrawn all the same."""
    root = write(tmp_path / "a", [record(1, title=FERRY, text=prose(1, 30)), record(3)])
    build(root)
    say(root, line(reason="safety"))
    build(root)
    file = root / "raw/outlets/courier.toml"
    file.write_text(file.read_text().replace("(?P<month>[0-9]{2})", "(?P<month>0[2-9])"))
    release = build(root, date="2026-02-01")
    assert FERRY not in everything(release.root)
    assert ids(release) == ["courier:n-3"]


def test_headline_edits_make_no_wall(tmp_path: Path) -> None:
    """A copy whose headline was changed twice is a copy."""
    copies = [
        record(7, host="herald.example", title=title, text=prose(1, 120),
               retrieval={"retrieved_at": f"2025-0{n}-01T00:00:00Z", "method": "crawler"})
        for n, title in enumerate(("Alpha beta", "Gamma delta", "Epsilon zeta"), 1)
    ]  # fmt: skip
    root = write(
        tmp_path / "a", [record(1, text=prose(1, 120)), record(2), *copies], COURIER, HERALD
    )
    say(root, line(reason="privacy"))
    assert ids(build(root), "withdrawn") == [ID, "herald:n-7"]


def test_a_roundup_takes_no_others_with_it(tmp_path: Path) -> None:
    """It has the withdrawn text in it and goes; what else it has in it stays."""
    briefs = [record(n, text=f"{prose(n, 70)}.") for n in range(1, 6)]
    whole = record(9, text="\n\n".join(each["text"] for each in briefs))
    root = write(tmp_path / "a", [*briefs, whole])
    say(root, line(reason="privacy"))
    assert ids(build(root), "withdrawn") == [ID, "courier:n-9"]


def test_privacy_wins_over_a_weaker_line_of_a_copy(tmp_path: Path) -> None:
    """A verbatim reprint with a line of its own tells no headline either."""
    copy = record(7, host="herald.example", title=HEADLINE, text=prose(1, 120))
    secret = record(1, title=HEADLINE, text=prose(1, 120))
    root = write(tmp_path / "a", [secret, record(2), copy], COURIER, HERALD)
    say(root, line(reason="privacy"), line("herald:n-7"))
    release = build(root)
    assert [row["title"] for row in release.rows("withdrawn")] == [None, None]
    assert HEADLINE not in everything(release.root)


@pytest.mark.parametrize(("lines", "free"), [([line(reason="privacy"), line(), lift("herald:n-7", "privacy")], False), ([line("herald:n-7", "privacy"), lift("herald:n-7", "privacy"), line(reason="privacy")], False), ([line(reason="privacy"), lift("herald:n-7", "privacy")], True)])  # fmt: skip
def test_a_lift_reaches_no_further_than_it_says(
    tmp_path: Path, lines: list[dict[str, str]], free: bool
) -> None:
    """Not to another reason, and not to what is withdrawn later."""
    root = reprinted(tmp_path, COURIER, HERALD)
    build(root)
    say(root, *lines)
    assert ("herald:n-7" in ids(build(root))) == free


def test_a_withdrawn_text_is_not_quoted(tmp_path: Path) -> None:
    """Not in the card, and the refusal does not quote it either."""
    root = write(tmp_path / "a", [record(1), record(2)])
    words = " ".join(prose(1).split()[10:30])
    (root / "raw/CARD.md").write_text(f"# About\n\n{words}\n")
    say(root, line(reason="privacy"))
    with pytest.raises(DataError, match=r"article courier:n-1: source/CARD.md") as refused:
        build(root)
    assert words[:30] not in str(refused.value)


def test_an_escaped_headline_is_a_headline(tmp_path: Path) -> None:
    """In a note of JSON with escapes, and over two lines of the card."""
    root = write(tmp_path / "a", [record(1, title="Müller erzählt alles über Mara"), record(2)])
    say(root, line(reason="privacy", note="see Müller erzählt alles über Mara"))
    assert "\\u00fc" in (root / "raw/withdrawals.jsonl").read_text()
    with pytest.raises(DataError, match=r"raw/withdrawals.jsonl.*MF608"):
        build(root)
    say(root, line(reason="privacy"))
    (root / "raw/CARD.md").write_text("# About\n\nMüller erzählt\nalles über MARA.\n")
    with pytest.raises(DataError, match=r"raw/CARD.md.*MF608"):
        build(root)


def test_a_copy_that_is_withdrawn_since_is_not_put_back(tmp_path: Path) -> None:
    """A release from before the original was captured is not rehydrated."""
    shut = [outlet(name, "withheld") for name in ("courier", "herald")]
    copy = record(7, host="herald.example", text=prose(1, 120))
    root = write(tmp_path / "a", [record(2), copy], *shut)
    public = build(root, "public")
    build(root)
    write(root, [record(1, text=prose(1, 120)), record(2), copy], *shut)
    say(root, line(reason="privacy"))
    assert "herald:n-7" in ids(build(root), "withdrawn")
    with pytest.raises(DataError, match="later release"):
        public.rehydrate(root, tmp_path / "out")


def test_a_plan_writes_nothing(tmp_path: Path, run: Run) -> None:
    """And names releases, packages, places, captures with their bytes, copies and lists."""
    import zipfile

    root = reprinted(tmp_path, COURIER, HERALD)
    build(root)
    release = build(root, "public")
    (root / "raw/releases.toml").write_text(
        '[versions."1.0.0"]\npublished = ["s3://bucket/press"]\n'
    )
    with zipfile.ZipFile(root / "dist/press-1.0.0-py3-none-any.whl", "w") as package:
        package.write(release.root / "release.json", "press/release.json")
    (root / "raw/expected").mkdir()
    (root / "raw/expected/list.txt").write_text(f"{record(1)['url']}\n")
    before = {file: file.read_bytes() for file in root.rglob("*") if file.is_file()}
    options = ("--reason", "privacy", "--authority", "desk", "--plan", "--archive", root)
    done = run("withdraw", ID, *options)
    assert done.returncode == 0
    assert {file: file.read_bytes() for file in root.rglob("*") if file.is_file()} == before
    assert done.stdout.startswith(f"would withdraw: {ID}\n")
    for said in ("copy: dist/press/1.0.0:", "copy: dist/press-public/1.0.0:", "dist/press-1.0.0-py3-none-any.whl", "s3://bucket/press, version 1.0.0", "article herald:n-7", "(at byte 0)", "raw/expected/list.txt"):  # fmt: skip
        assert said in done.stdout, said
