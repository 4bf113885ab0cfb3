"""What people write into an archive's own files by hand: odd words are named, with their place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import Run
from microfiche.archive import files
from microfiche.documents import named_once, named_twice
from microfiche.library import open_archive
from small import add_lines, build, outlet, prose, record, write

CORRECTION = {
    "capture_id": "0" * 20, "field": "title", "value": "Lamps", "reason": "a slip",
    "by": "A. Archivist", "date": "2026-01-01",
}  # fmt: skip


def found(root: Path) -> list[str]:
    """Findings on the archive's own files."""
    return [f"{each.where}: {each.place}: {each.code}" for each in open_archive(root).findings]


@pytest.mark.parametrize(
    ("name", "line", "place"),
    [
        ("corrections", CORRECTION | {"reason": " \u00a0"}, "line 1, /reason"),
        ("corrections", CORRECTION | {"by": "\t"}, "line 1, /by"),
        ("corrections", CORRECTION | {"value": "Lamps\0"}, "line 1, /value"),
        ("corrections", CORRECTION | {"field": "captions", "value": ["a\x1b[31m"]}, "line 1, /value"),
        (
            "withdrawals",
            {"article_id": "a:1", "reason": "privacy", "date": "2026-01-01", "authority": " "},
            "line 1, /authority",
        ),
    ],
)  # fmt: skip
def test_words_that_say_nothing(tmp_path: Path, name: str, line: object, place: str) -> None:
    """Who decided, and why, is said in words."""
    root = write(tmp_path / "a", [record(1)])
    (root / "raw" / f"{name}.jsonl").write_text(json.dumps(line) + "\n")
    assert found(root) == [f"raw/{name}.jsonl: {place}: MF102"]


def test_corrections_of_an_outlet_say_who_and_why(tmp_path: Path) -> None:
    """As those of articles do."""
    rule = """[[corrections]]
old = "Ferrry"
new = "Ferry"
field = "title"
reason = " "
by = "A. Archivist"
date = 2026-01-01
"""
    root = write(tmp_path / "a", [record(1)], f"{outlet()}{rule}")
    places = [each for each in found(root) if "/corrections/0" in each]
    assert places
    assert all(each.endswith("MF201") for each in places)


def test_groups_of_a_form_of_dates_that_nobody_reads(tmp_path: Path) -> None:
    """A misspelt one would do nothing in silence."""
    form = "[dates]\nforms = ['(?P<date>[0-9-]+) (?P<hours>[0-9]+)']\n"
    root = write(tmp_path / "a", [record(1)], f"{outlet()}{form}")
    assert found(root) == ["raw/outlets/courier.toml: /dates/forms/0: MF201"]


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ("CC0-1.0", False),
        ("MIT OR LicenseRef-own", False),
        ("DocumentRef-spdx-tool:LicenseRef-own", False),
        ("No SPDX AND (", True),
        ("CC-BY 4.0", True),
    ],
)
def test_licenses(tmp_path: Path, stated: str, told: bool) -> None:
    """By the identifiers and the grammar of SPDX; others are told of, and kept."""
    root = write(tmp_path / "a", [record(1)])
    dataset = root / "raw" / "dataset.toml"
    dataset.write_text(dataset.read_text().replace("CC0-1.0", stated))
    assert found(root) == ["raw/dataset.toml: /license: MF115"] * told
    assert build(root).manifest["version"] == "1.0.0"


def test_own_files_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    """What takes long to parse is not as large as a disk."""
    root = write(tmp_path / "a", [record(1)])
    with (root / "raw" / "outlets" / "courier.toml").open("ab") as out:
        out.truncate(files.MAX_BYTES + 1)
    done = run("validate", root)
    assert done.returncode == 3
    assert "raw/outlets/courier.toml: 8,388,609 bytes, the limit is 8,388,608" in done.stdout
    monkeypatch.setattr(files, "MAX_LINES", 10)
    (root / "raw" / "aliases.jsonl").write_text("\n" * 11)
    assert "raw/aliases.jsonl: : MF103" in found(root)


def test_a_folder_of_outlets_that_cannot_be_listed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    """Not that its captures are of no outlet."""
    root = write(tmp_path / "a", [record(1)])
    whole = Path.iterdir

    def refused(folder: Path) -> object:
        if folder.name == "outlets":
            raise PermissionError(13, "Permission denied", str(folder))
        return whole(folder)

    monkeypatch.setattr(Path, "iterdir", refused)
    done = run("build", root)
    assert done.returncode == 4
    assert "raw/outlets: Permission denied" in done.stderr


@pytest.mark.parametrize(
    "line",
    [
        '{"title": "A", "title": "B", "text": "c"}',
        '{"title": "A", "retrieval": {"method": "a", "method": "b"}, "text": "c"}',
        '{"title" : "A", "title": "B", "text": "c"}',
        '{"annotations": [{"name": "a", "value": "b", "value": "c"}], "title": "A", "text": "c"}',
    ],
)
def test_members_named_twice_in_a_record(tmp_path: Path, line: str) -> None:
    """Which counts is not said; quotation marks and colons in a text are no names."""
    root = write(tmp_path / "a", [record(1, text='She said: "Yes":\\": {"a":1}\\\\": and left.')])
    add_lines(
        root, "r.jsonl", line.replace("{", '{"url": "https://courier.example/a/1", ', 1) + "\n"
    )
    release = build(root)
    assert [row["codes"] for row in release.rows("rejected")] == [["MF307"]]
    assert len(release.rows("articles")) == 1


@pytest.mark.parametrize(
    "line",
    [
        '{"title"\t:"A","title":"B","text":"c"}',
        '{"title"  : "A", "text": "c", "title"  : "B"}',
        '{"ti\\u0074le": "A", "title": "B", "text": "c"}',
        '{"title": "A\\u0022", "title": "B", "text": "c"}',
    ],
)
def test_members_named_twice_however_they_are_written(tmp_path: Path, line: str) -> None:
    """With other white space, or escaped."""
    root = write(tmp_path / "a", [record(1)])
    add_lines(
        root, "r.jsonl", line.replace("{", '{"url": "https://courier.example/a/1", ', 1) + "\n"
    )
    assert [row["codes"] for row in build(root).rows("rejected")] == [["MF307"]]


@pytest.mark.parametrize(
    "text",
    [
        '"title": "title":',
        "ends in \\",
        '\\": "x"',
        '{"title": "a", "title": "b"}',
        "\u2028 \\u0022",
    ],
)
def test_what_a_text_quotes_is_no_member(tmp_path: Path, text: str) -> None:
    """However a program writes it."""
    lines = [
        json.dumps(record(2, text=f"{prose(2)} {text}"), ensure_ascii=ascii_, separators=marks)
        for ascii_ in (True, False)
        for marks in ((",", ":"), (", ", ": "), (" , ", " : "))
    ]
    for line in lines:
        assert named_twice(line.encode(), json.loads(line)) is None


WORDS = st.sampled_from(['a"b', "x\\", '"', '\\"', "q\u00e9", "", "\\u0022", 'plain: ","'])
VALUES = st.recursive(
    WORDS | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
STYLES = st.tuples(
    st.booleans(), st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : ")]), st.booleans()
)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.dictionaries(WORDS, VALUES, max_size=3), STYLES), min_size=1, max_size=5)
)
def test_one_look_at_many_lines_misses_no_member_named_twice(
    drawn: list[tuple[dict[str, object], tuple[bool, tuple[str, str], bool]]],
) -> None:
    """It may only say that it does not know."""
    lines = []
    for value, (ascii_, marks, twice) in drawn:
        line = json.dumps(value, ensure_ascii=ascii_, separators=marks)
        first = json.dumps(next(iter(value), "a"))
        lines.append(f"{{{first}: 1, {line[1:]}" if twice and value else line)
    octets, values = [line.encode() for line in lines], [json.loads(line) for line in lines]
    told = [named_twice(*each) for each in zip(octets, values, strict=True)]
    assert told == [
        next(iter(value), "a") if twice and value else None for value, (_, _, twice) in drawn
    ]
    if named_once(octets, values):
        assert set(told) == {None}
    else:
        assert set(told) != {None} or any("\\u" in line for line in lines) or _is_large(values)


def _is_large(value: object) -> bool:
    """Whether a number is in a value that no 64 bits hold."""
    if isinstance(value, dict):
        value = [*value.values()]
    if isinstance(value, list):
        return any(map(_is_large, value))
    return isinstance(value, int) and not -(1 << 63) <= value < 1 << 64


def test_retrieval_records_and_tables_name_a_member_once(tmp_path: Path, run: Run) -> None:
    """Which of two counts is not said."""
    root = write(tmp_path / "a", [record(1)])
    (root / "raw/captures/z.txt").write_text("Lamps\n\nThey were lit today.\n")
    url = "https://courier.example/2024/05/1"
    (root / "raw/captures/retrievals.jsonl").write_text(
        f'{{"path": "z.txt", "url": "{url}", "url": "{url}2"}}\n'
    )
    assert "'url' is named twice" in run("validate", root, "--verbose").stdout
    for name, whole in (("t.json", "[{}]"), ("t.jsonl", "{}\n")):
        table = tmp_path / name
        row = f'{{"link": "{url}", "headline": "A", "headline": "B", "body": "{prose(4)}"}}'
        table.write_text(whole.replace("{}", row))
        maps = ("--map", "url=link", "--map", "title=headline", "--map", "text=body")
        done = run("add", table, *maps, "--archive", root)
        assert done.returncode == 3
        assert "'headline' is named twice" in done.stderr


def test_a_byte_order_mark(tmp_path: Path) -> None:
    """Before a sidecar it is passed over, before an own file named."""
    root = write(tmp_path / "a", [record(1)])
    (root / "raw/captures/z.txt").write_text(f"Lamps\n\n{prose(5)}\n")
    (root / "raw/captures/z.txt.toml").write_text(
        '\ufeffurl = "https://courier.example/2024/05/1"\nretrieved_at = 2025-01-01\n'
    )
    assert len(build(root).rows("articles")) == 2
    dataset = root / "raw/dataset.toml"
    dataset.write_text(f"\ufeff{dataset.read_text()}")
    assert "raw/dataset.toml: line 1: MF103" in found(root)


def test_a_host_in_its_own_letters_is_told_how_to_be_written(tmp_path: Path) -> None:
    """An outlet's file has hosts as addresses have them."""
    text = outlet().replace("courier-mirror.example", "bücher.example")
    root = write(tmp_path / "a", [record(1)], text)
    (finding,) = open_archive(root).findings
    assert finding.message.endswith("write 'xn--bcher-kva.example'")
