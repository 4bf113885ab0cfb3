"""Subsets by an expression over columns, cited with the digest of their members."""

from __future__ import annotations

import hashlib
import json
import re

import pytest

from conftest import Run
from microfiche.errors import UsageError
from microfiche.library import open_release, path
from microfiche.verify import check_subset

GAZETTE = open_release(path("gazette"))
ROWS = GAZETTE.rows("articles")


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        ("language == 'fa'", lambda r: r["language"] == "fa"),
        ("language != 'en'", lambda r: r["language"] not in (None, "en")),
        ("language in ['fa', 'fr']", lambda r: r["language"] in ("fa", "fr")),
        ("language not in ('fa', 'fr')", lambda r: r["language"] not in ("fa", "fr")),
        ("published == None", lambda r: r["published"] is None),
        ("published_earliest is not None", lambda r: r["published_earliest"] is not None),
        ("published_earliest >= '2025-03-12'", lambda r: (r["published_earliest"] or "") >= "2025-03-12"),
        ("not published_earliest >= '2025-03-12'", lambda r: (r["published_earliest"] or "") < "2025-03-12"),
        ("n_words > 400 and n_words <= 410", lambda r: 400 < r["n_words"] <= 410),
        ("250 < n_words", None),
        ("n_revisions > 1 or language == 'fr'", lambda r: r["n_revisions"] > 1 or r["language"] == "fr"),
        ("free_access", lambda r: r["free_access"] is True),
        ("free_access == False", lambda r: r["free_access"] is False),
        ("'citation' in keywords", lambda r: "citation" in r["keywords"]),
        ("'Data' not in section_path", lambda r: "Data" not in r["section_path"]),
        ("published_at >= '2025-01-01'", lambda r: (r["published_at"] or "") >= "2025-01-01"),
    ],
)  # fmt: skip
def test_expressions_select_what_they_say(where: str, holds: object) -> None:
    """Against the same rule over the rows in Python; null makes a comparison false."""
    if holds is None:
        with pytest.raises(UsageError, match="is not read"):
            GAZETTE.subset(where)
        return
    found = GAZETTE.subset(where)
    expected = sorted(f"{r['article_id']} {r['record_sha256']}\n" for r in ROWS if holds(r))  # type: ignore[operator]
    assert expected or where == "free_access == False"
    assert list(found.article_ids) == [line.split()[0] for line in expected]
    assert found.members == hashlib.sha256("".join(expected).encode()).hexdigest()
    assert GAZETTE.subset(found.where) == found


@pytest.mark.parametrize(
    "where",
    [
        "", "language", "language ==", "1 == 1", "language == 3", "n_words == 'x'", "n_words == True",
        "nothing == 1", "provenance == 'x'", "keywords == 'x'", "'x' in title",
        "__import__('os').system('true')", "(lambda: 1)()", "[x for x in language]",
        "language == f'{1}'", "text.count('a') > 1", "n_words == 10**10**10", "n_words == 1.5",
        "published_earliest > 'soon'", "n_words > " + "9" * 400, "not " * 500 + "free_access",
        "(" * 300 + "free_access" + ")" * 300, "a\x00b == 1", "language == 'x'; import os",
    ],
)  # fmt: skip
def test_what_is_no_expression_is_refused(where: str, run: Run) -> None:
    """Read, never run: an error with the grammar, exit 2."""
    with pytest.raises(UsageError):
        GAZETTE.subset(where)
    if where in ("", "language ==", "nothing == 1"):
        assert run("cite", "gazette", "--where", where).returncode == 2


@pytest.mark.parametrize("style", ["bibtex", "apa", "ris", "csl", "cff", "datacite"])
def test_a_citation_of_a_subset_can_be_checked(style: str, run: Run) -> None:
    """Query, count and digest stand in every style; verify takes them back."""
    said = GAZETTE.cite(style, where="n_words>400 and language=='en'")
    flat = " ".join(said.replace("\\", "").split())
    match = re.search(r"subset of (\d+) articles where (.*?), members sha256:([0-9a-f]{64})", flat)
    assert match, flat
    where = (
        json.loads(f'"{match[2]}"') if style in ("csl", "datacite") else match[2].replace("''", "'")
    )
    assert int(match[1]) == GAZETTE.subset(where).count > 3
    count, faults = check_subset(GAZETTE, where, match[3])
    assert (count.split()[0], faults) == (match[1], [])
    assert check_subset(GAZETTE, "n_words > 401", match[3])[1]
    if style != "bibtex":
        return
    shown = run("cite", "gazette", "--where", "n_words>400 and language=='en'")
    assert shown.stdout == said
    checked = run("verify", "gazette", "--where", where, "--members", match[3])
    assert checked.returncode == 0, checked.stdout
    assert f"ok     subset: {match[1]} articles" in checked.stdout
    wrong = run("verify", "gazette", "--where", "n_words > 401", "--members", match[3])
    assert wrong.returncode == 3
    assert run("verify", "gazette", "--where", where).returncode == 2
