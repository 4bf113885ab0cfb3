"""Rights and access: what a public release shows, what it never shows, and how texts come back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import REPOSITORY, Run
from microfiche.errors import DataError
from microfiche.library import Release, verify
from microfiche.release import quoting
from microfiche.release.withholding import MASK, TOKEN, mask, masked_enough
from microfiche.schema import table_types
from small import build, outlet, prose, record, write

OUTLETS = (
    outlet("courier", "withheld", None),
    outlet("herald", "masked", None),
    outlet("tribune", "full", "license"),
    outlet("bugle", "full", None),
)


def records() -> list[dict[str, Any]]:
    """Two articles of each outlet; captions, notes, an earlier revision, a reprint."""
    found = []
    for place, host in enumerate(("courier", "herald", "tribune", "bugle")):
        for number in (1, 2):
            seed = 10 * place + number
            extra = {"captions": [prose(500 + seed, 20)], "keywords": ["harbour"]}
            found.append(record(number, host=f"{host}.example", text=prose(seed, 300), **extra))
        later = {"retrieved_at": "2025-06-01T00:00:00Z", "method": "crawler"}
        text = prose(900 + place, 120)
        found.append(record(2, host=f"{host}.example", text=text, retrieval=later))
    found.append(record(9, host="courier.example", text=prose(21, 300)))  # the tribune's, reprinted
    return found


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Release, Release]:
    """An archive, its full and its public release."""
    root = write(tmp_path_factory.mktemp("public") / "a", records(), *OUTLETS)
    return root, build(root), build(root, "public")


def runs(text: str) -> list[str]:
    """Runs of 12 tokens, by white space alone."""
    tokens = text.split()
    return [" ".join(tokens[at : at + 12]) for at in range(len(tokens) - 11)]


def everything(root: Path) -> dict[str, str]:
    """All that a release says: files as text, Parquet decoded."""
    found = {}
    for file in sorted(root.rglob("*")):
        if file.suffix == ".parquet":
            rows = pq.read_table(file).to_pylist()
            found[str(file)] = json.dumps(rows, default=str, ensure_ascii=False)
            meta = pq.read_metadata(file)
            found[f"{file} metadata"] = str(meta.to_dict()) + str(meta.metadata)
        elif file.is_file():
            found[str(file)] = file.read_text("utf-8")
    return found


def test_no_withheld_text_is_anywhere(built: tuple[Path, Release, Release]) -> None:
    """No run of 12 tokens of a withheld text or caption, in any file; Parquet decoded."""
    _, full, public = built
    shown = {row["article_id"]: row for row in public.rows("articles")}
    hidden = [row for row in full.rows("articles") if shown[row["article_id"]]["text"] is None]
    assert len(hidden) == 6
    texts = [row["text"] for row in hidden]
    texts += [
        row["text"]
        for row in full.rows("revisions")
        if row["text"] and not row["article_id"].startswith("tribune")
    ]
    texts += [caption for row in full.rows("articles") for caption in row["captions"]]
    wanted = {run for text in texts for run in runs(text)}
    assert len(wanted) > 1000
    for name, content in everything(public.root).items():
        leaked = wanted & set(runs(content))
        assert not leaked, (name, sorted(leaked)[:3])
    inside = everything(full.root)
    assert wanted & set(runs("".join(inside.values())))


def test_public_and_full_are_one_work(built: tuple[Path, Release, Release]) -> None:
    """The same records, fingerprint and version; ids, digests and counts stay."""
    _, full, public = built
    assert (public.version, public.fingerprint) == (full.version, full.fingerprint)
    assert public.root.parent.name == "press-public"
    for name in table_types():
        columns = [*table_types()[name].table.key, "record_sha256"]
        assert public.table(name, columns).equals(full.table(name, columns)), name
    access = {row["article_id"]: row["text_access"] for row in public.rows("articles")}
    assert access == {
        "courier:n-1": "withheld", "courier:n-2": "withheld", "courier:n-9": "withheld",
        "herald:n-1": "masked", "herald:n-2": "masked",
        "tribune:n-1": "withheld", "tribune:n-2": "full",  # the first is a reprint of a withheld one
        "bugle:n-1": "withheld", "bugle:n-2": "withheld",
    }  # fmt: skip
    for row in public.rows("captures"):
        assert [
            row[n] for n in ("retrieved_by", "source_file", "source_offset", "original_name")
        ] == [None] * 4
    for row in public.rows("articles"):
        assert row["captions"] == []
        assert row["provenance"]["removed_lines"] == []
    old = [row for row in public.rows("revisions") if row["text"]]
    assert {row["article_id"] for row in old} == {"tribune:n-2"}
    for release in (full, public):
        assert [v.faults for v in verify(release.root, load=True) if not v.ok] == []


def test_no_statistics_or_index_of_texts(built: tuple[Path, Release, Release]) -> None:
    """Columns that may be withheld have none in either; a public release has no page index."""
    _, full, public = built
    for release in (full, public):
        for name, kind in table_types().items():
            for path in release.files(name):
                group = pq.read_metadata(release.root / path).row_group(0)
                columns = [group.column(place) for place in range(group.num_columns)]
                for column in columns:
                    if any(
                        f"{column.path_in_schema}.".startswith(f"{each}.") for each in kind.withheld
                    ):
                        assert not column.is_stats_set
                        assert not column.has_column_index
                        assert release is full or not column.has_offset_index
                with_index = [each.has_column_index for each in columns]
                assert any(with_index) == (release is full)


def test_masked_texts_keep_the_rules_bound(built: tuple[Path, Release, Release]) -> None:
    """7 of each 100 tokens of a long text, 5 of each 20 of a short one; all else stands."""
    _, full, public = built
    texts = {row["article_id"]: row["text"] for row in full.rows("articles")}
    masked = [row for row in public.rows("articles") if row["text_access"] == "masked"]
    assert {len(row["text"].split()) for row in masked} == {300, 120}
    for row in masked:
        tokens, shown = texts[row["article_id"]].split(), row["text"].split()
        size, hidden = (100, 7) if len(tokens) > 200 else (20, 5)
        for first in range(0, len(tokens), size):
            pairs = list(
                zip(tokens[first : first + size], shown[first : first + size], strict=True)
            )
            assert sum(b == MASK for _, b in pairs) == hidden
            assert all(b in (MASK, a) for a, b in pairs)


@given(
    st.lists(
        st.text(st.characters(blacklist_categories=["Z", "C"]), min_size=1, max_size=3),
        min_size=1,
        max_size=450,
    ),
    st.text(max_size=5),
)
def test_masks_follow_from_text_and_seed(words: list[str], seed: str) -> None:
    """The bound for any length, the same mask for the same seed, white space kept."""
    text = "\n\n".join(" ".join(words[at : at + 40]) for at in range(0, len(words), 40))
    shown = mask(text, seed)
    assert shown == mask(text, seed)
    assert masked_enough(shown)
    assert len(shown.split()) == len(text.split())
    assert shown.count("\n\n") == text.count("\n\n")
    if len(words) > 40:
        assert not masked_enough(text.replace("@", "a"))


TEXT = prose(1, 300)
QUOTED = TEXT.split()[40:53]
SPACED, QUOTE = " ".join(QUOTED), f"“{' '.join(QUOTED)}”"
ESCAPED = "".join(f"\\u{ord(letter):04x}" for letter in SPACED)
THAI = "".join(chr(0x0E01 + number * 7 % 44) for number in range(400))


def noted(notes: str, **fields: Any) -> dict[str, Any]:
    """A retrieval record with a note."""
    return {"retrieved_at": "2025-01-01T00:00:00Z", "notes": notes, **fields}


def in_captures(*records: dict[str, Any]) -> dict[str, Any]:
    """Further records of an archive."""
    return {"records": list(records)}


QUOTATIONS: dict[str, dict[str, Any]] = {
    "its own note": in_captures(record(1, text=TEXT, retrieval=noted(SPACED))),
    "its own keyword": in_captures(record(1, text=TEXT, keywords=[QUOTE.upper()])),
    "a method": in_captures(record(1, text=TEXT, retrieval={"method": SPACED, "retrieved_at": "2025-01-01T00:00:00Z"})),
    "another article's note": in_captures(record(1, text=TEXT), record(2, retrieval=noted(QUOTE))),
    "another article's keyword": in_captures(record(1, text=TEXT), record(2, keywords=[SPACED])),
    "an observation's note": in_captures(
        record(1, text=TEXT),
        {"url": record(3)["url"], "retrieval": noted(SPACED, outcome="not_found", http_status=404)},
    ),
    "an earlier revision in a keyword": in_captures(
        record(1, text=TEXT),
        record(1, text=prose(2, 300), keywords=[SPACED], retrieval=noted("seen", retrieved_at="2025-05-01T00:00:00Z")),
    ),
    "the card": {"raw/CARD.md": f"We hold {QUOTE}."},
    "the card, in tags": {"raw/CARD.md": " ".join(f"<i>{word[:2]}</i>{word[2:]}" for word in QUOTED)},
    "the card, linked": {"raw/CARD.md": " ".join(f"[{word}](https://x.example/a)" for word in QUOTED)},
    "the card, with soft hyphens": {"raw/CARD.md": " ".join(f"{w[:2]}\u00ad{w[2:]}" for w in QUOTED)},
    "the card, in entities": {"raw/CARD.md": " ".join(f"&#{ord(w[0])};{w[1:]}" for w in QUOTED)},
    "a subtitle as long as a text": in_captures(record(1, text=TEXT, subtitle=" ".join(TEXT.split()[:80]))),
    "the card, marked up": {"raw/CARD.md": " ".join(f"*{word}*" for word in QUOTED)},
    "the card, as a block": {"raw/CARD.md": "\n> ".join(QUOTED)},
    "the datasheet": {"DATASHEET.md": f"### 13. Errors?\n\n`{'`, `'.join(QUOTED)}`"},
    "the dataset file, escaped": {
        "raw/dataset.toml": f'name = "press"\ntitle = "P"\ndescription = "{ESCAPED}"\n'
    },
    "an event": {"raw/outlets/bugle.toml": f'id = "bugle"\nname = "B"\n[[events]]\ndate = "2020"\ntype = "launch"\nnote = "{SPACED}"\nsource = "x"\nstated_by = "y"\n'},
    "Thai": in_captures(record(1, text=THAI, keywords=[THAI[100:130]])),
}  # fmt: skip


@pytest.mark.parametrize(
    ("place", "policy"),
    [
        *((place, "withheld") for place in QUOTATIONS),
        ("its own keyword", "masked"),
        ("the card", "masked"),
    ],
)
def test_a_quotation_of_a_hidden_text_stops_the_build(
    tmp_path: Path, place: str, policy: str
) -> None:
    """Wherever it stands, however it is spelled: the article and the place are named."""
    added = dict(QUOTATIONS[place])
    records = added.pop("records", [record(1, text=TEXT)])
    root = write(tmp_path / "a", records, outlet("courier", policy, None))
    for name, content in added.items():
        (root / name).write_text(content)
    with pytest.raises(DataError, match=r"article courier:n-1: .* would publish its withheld text"):
        build(root, "public")
    assert not list((root / "dist").glob("*/*"))


@pytest.mark.parametrize("form", ["# {}", 'name = "The Courier" # {}'])
def test_a_comment_of_an_outlet_file_is_read_too(tmp_path: Path, form: str) -> None:
    """On a line of its own, behind a value, over several lines; recurring lines may stand there."""
    entry = OUTLETS[0].replace('name = "The Courier"', form.format(" ".join(QUOTED)))
    if "name" not in form:
        entry = OUTLETS[0] + form.format(" ".join(QUOTED[:7]) + "\n#  " + " ".join(QUOTED[7:]))
    root = write(tmp_path / "a", [record(1, text=TEXT)], entry)
    with pytest.raises(DataError, match=r"source/outlets/courier.toml would publish its withheld"):
        build(root, "public")
    line = f'\n[[boilerplate]]\nline = "{" ".join(QUOTED)}"\nkind = "promotion"\n# what recurs\n'
    root = write(tmp_path / "b", [record(1, text=TEXT)], OUTLETS[0] + line)
    assert build(root, "public").rows("articles")[0]["text"] is None


def test_headlines_and_short_quotations_may_stand(tmp_path: Path) -> None:
    """Eleven words, and the headline that opens the text, are no quotation."""
    title = " ".join(TEXT.split()[:14])
    records = [record(1, text=TEXT, title=title, keywords=[" ".join(QUOTED[:11])])]
    root = write(tmp_path / "a", records, OUTLETS[0])
    (root / "raw" / "CARD.md").write_text(f"## About\n\nSuch as {title}.\n")
    assert build(root, "public").rows("articles")[0]["text"] is None


def test_texts_without_spaces_are_masked_by_their_characters(tmp_path: Path) -> None:
    """Of 400 Thai letters 28 are hidden, 7 in each hundred."""
    root = write(tmp_path / "a", [record(1, text=THAI)], OUTLETS[1].replace("herald", "courier"))
    (row,) = build(root, "public").rows("articles")
    assert row["text"].count(MASK) == 28
    assert masked_enough(row["text"])
    assert len(TOKEN.findall(row["text"])) == 400


def test_an_earlier_revision_needs_a_basis_of_its_own(tmp_path: Path) -> None:
    """A basis that one capture's record states shows that capture's text, no other's."""
    later = noted("seen", retrieved_at="2025-05-01T00:00:00Z")
    based = record(1, text=prose(2), rights_basis="license", license="CC-BY-4.0", retrieval=later)
    root = write(tmp_path / "a", [record(1, text=TEXT), based], outlet("courier", "full", None))
    public = build(root, "public")
    assert public.rows("articles")[0]["text"] == prose(2)
    assert [row["text"] for row in public.rows("revisions")] == [None, None]
    assert [v.faults for v in verify(public.root) if not v.ok] == []


def test_rights_of_an_article_stand_over_the_outlets(tmp_path: Path) -> None:
    """A record may state a basis of its own; one without leaves a full release restricted."""
    own = {
        "license": "CC-BY-4.0",
        "rights_statement": "https://creativecommons.org/licenses/by/4.0/",
        "rights_basis": "license",
        "rights_evidence": "the page's footer",
    }
    root = write(tmp_path / "a", [record(1, **own), record(2)], outlet("courier", "full", None))
    full, public = build(root), build(root, "public")
    rows = {row["article_id"]: row for row in public.rows("articles")}
    assert [rows[f"courier:n-{n}"]["text_access"] for n in (1, 2)] == ["full", "withheld"]
    assert rows["courier:n-1"]["rights_evidence"] == "the page's footer"
    assert full.manifest["restricted_outlets"] == ["courier"]
    assert not public.manifest["restricted"]


def test_what_may_leave(tmp_path: Path) -> None:
    """The one check refuses restricted releases and drafts, and believes rows, not marks."""
    root = write(tmp_path / "a", [record(1)], outlet("courier", "withheld", None))
    full, public = build(root), build(root, "public")
    assert full.manifest["restricted"]
    assert "**Restricted.**" in (full.root / "README.md").read_text()
    with pytest.raises(DataError, match="is restricted: the text of courier"):
        full.check_may_leave()
    full.check_may_leave(restricted=True)
    public.check_may_leave()
    forged = {**full.manifest, "restricted": False, "restricted_outlets": []}
    with pytest.raises(DataError, match="courier"):
        Release(full.root, forged).check_may_leave()
    (root / "raw" / "dataset.toml").write_text('name = "press"\ntitle = "Press"\n')
    with pytest.raises(DataError, match="draft: no creators are named"):
        build(root, "public").check_may_leave(restricted=True)


def test_public_alone_and_its_own_chain(tmp_path: Path) -> None:
    """Without a full release the public line has versions of its own; with one it shares them."""
    root = write(tmp_path / "a", [record(1)], OUTLETS[0])
    assert build(root, "public").version == "1.0.0"
    for count in (2, 3):
        write(root, [record(n) for n in range(1, count + 1)], OUTLETS[0])
        build(root)
    write(root, [record(n) for n in range(1, 5)], OUTLETS[0])
    full = build(root)
    public = build(root, "public")
    assert (full.version, public.version) == ("1.2.0", "1.2.0")
    assert public.manifest["previous"]["version"] == "1.0.0"
    assert {row["change"] for row in public.rows("changes")} == {"added"}
    assert len(public.rows("changes")) == 3
    assert [v.faults for v in verify(public.root) if not v.ok] == []


def test_rehydrate_puts_texts_back(built: tuple[Path, Release, Release], tmp_path: Path) -> None:
    """From the captures: the same rows as the full release, each text proved by its digest."""
    root, full, public = built
    done = public.rehydrate(root, tmp_path / "out")
    assert done.put_back == 8
    assert done.still_withheld == ()
    assert done.release.access == "full"
    assert done.release.fingerprint == full.fingerprint
    assert done.release.rows("articles") == full.rows("articles")
    assert done.release.rows("revisions") == full.rows("revisions")
    assert done.release.root.parent.name == "press-rehydrated"
    assert done.release.manifest["rehydrated"]["release_sha256"] == public.sha256
    with pytest.raises(DataError, match="rehydrated"):
        done.release.check_may_leave()
    assert [v.faults for v in verify(done.release.root) if not v.ok] == []


def test_rehydrate_with_some_captures_says_which_are_missing(
    built: tuple[Path, Release, Release], tmp_path: Path, run: Run
) -> None:
    """What cannot be proved stays withheld, is named, and the exit code is 3."""
    root, _, public = built
    holder = tmp_path / "holder"
    shutil.copytree(root / "raw", holder / "raw")
    file = holder / "raw" / "captures" / "records.jsonl"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(line for line in lines if "bugle" not in line))
    done = run("rehydrate", public.root, holder, "--out", tmp_path / "out")
    assert done.returncode == 3
    assert "6 texts put back" in done.stdout
    assert "bugle:n-1: still withheld" in done.stderr
    done = run("rehydrate", public.root, REPOSITORY, "--out", tmp_path / "nothing")
    assert done.returncode == 3
    assert "no capture gave an article" in done.stderr
    (place,) = (tmp_path / "out").glob("press-rehydrated/1.0.0")
    again = run("rehydrate", place, root, "--out", tmp_path / "again")
    assert "it was rehydrated before; give the public release" in again.stderr
    (place,) = (tmp_path / "out").glob("press-rehydrated/1.0.0")
    assert [v.faults for v in verify(place) if not v.ok] == []


def test_what_is_withheld_of_an_earlier_revision_is_said(tmp_path: Path, run: Run) -> None:
    """No diff of two texts that are not there; a revision that no capture gives is named."""
    later = {"retrieved_at": "2025-02-01T00:00:00Z", "method": "crawler"}
    both = [record(1), record(1, text=prose(9), retrieval=later)]
    root = write(tmp_path / "a", both, outlet(text="withheld"))
    public = build(root, "public")
    done = run("show", public.root, "courier:n-1", "--diff", "1", "2")
    assert done.returncode == 3
    assert "withholds the text of revision 1; rehydrate the release" in done.stderr
    holder = write(tmp_path / "b", both[1:], outlet(text="withheld"))
    done = run("rehydrate", public.root, holder, "--out", tmp_path / "out")
    assert done.returncode == 3
    assert "courier:n-1, revision 1: still withheld" in done.stderr
    (place,) = (tmp_path / "out").glob("press-rehydrated/1.0.0")
    assert [v.faults for v in verify(place) if not v.ok] == []
    done = run("cite", public.root, "--where", "n_words > 100000")
    assert done.returncode == 3
    assert "no article fits" in done.stderr


def test_the_gazette_may_leave(tmp_path: Path) -> None:
    """The example archive is free: public and full differ by captions and names alone."""
    for name in ("raw", "DATASHEET.md"):
        source = REPOSITORY / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    public = build(tmp_path, "public")
    assert {row["text_access"] for row in public.rows("articles")} == {"full"}
    public.check_may_leave()


def test_what_is_shown_less_makes_a_major_version(tmp_path: Path) -> None:
    """Texts have no part in digests, but to show them no more is told, and to show more too."""
    root = write(tmp_path / "a", [record(1), record(2)], outlet("courier", "full"))
    build(root, "public")
    write(root, [record(1), record(2)], outlet("courier", "withheld"))
    second = build(root, "public")
    assert second.version == "2.0.0"
    assert second.manifest["version_reasons"] == ["a published text is shown no more (2)"]
    assert "shown no more" in (second.root / "CHANGES.md").read_text()
    write(root, [record(1), record(2)], outlet("courier", "full"))
    third = build(root, "public")
    assert third.version == "2.1.0"
    assert "more of a text is shown (2)" in third.manifest["version_reasons"]


SPACED = st.lists(st.sampled_from(["ink", "Reel", "PAGE,", "a\u00adb", "—", "I’m"]), max_size=40)
UNSPACED_TEXT = st.text("日本の新聞 ink", max_size=60)


@given(st.one_of(SPACED.map(" ".join), UNSPACED_TEXT), st.integers(0, 5))
def test_runs_that_begin_alike_are_among_all_runs(text: str, number: int) -> None:
    """A look for runs by their first two words finds each of them and no other."""
    every = list(quoting.runs(text))
    starts = {(first, second) for first, second, *_ in (run.split() for run in every[number::6])}
    wanted = [run for run in every if tuple(run.split()[:2]) in starts]
    assert list(quoting.runs(text, starts)) == wanted


def test_a_run_is_twelve_words_or_twice_as_many_characters_without_spaces() -> None:
    """Marks and case do not count; each character of a script without spaces is half a word."""
    words = [f"Word{number}," for number in range(13)]
    plain = [word.lower().strip(",") for word in words]
    assert list(quoting.runs(" — ".join(words))) == [" ".join(plain[:12]), " ".join(plain[1:])]
    characters = "日本の新聞社は記事を書く人々が読む物だと言う"
    assert len(characters) == 22
    assert list(quoting.runs(f"{characters} ink")) == [" ".join([*characters, "ink"])]
    assert not list(quoting.runs(characters))
