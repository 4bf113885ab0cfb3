"""Works that one id has, told apart; edits that stay edits, up to a text that is written anew."""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path
from typing import Any

import pytest

from microfiche.collation import edits
from microfiche.collation.edits import State, likely_pairs, may_be_edits, may_be_one
from microfiche.library import Release, open_archive
from microfiche.pipeline import BuildOptions, Built
from small import build, outlet, write

STORM = (
    "Storm warning for the coast",
    "A storm from the north-west will reach the coast at Vellmouth this evening, the weather service warns, with gusts of up to ninety kilometres an hour.\n\n"
    "Ferries to the islands stop at noon. Boats that can be lifted should be lifted, and cellars along the canal cleared by nightfall.\n\n"
    "The tide gate closes at six, said harbour master Ines Rokke. Whoever lives seaward of it should have left by then.",
)
CHOIR = (
    "Choir wins national prize",
    "The mixed choir of the ropemakers sang its way to the national prize on Saturday, with a madrigal that it had rehearsed in a laundry.\n\n"
    "Thirty-one singers had travelled by night train, since the coach they had booked broke down before it left the yard.\n\n"
    "The jury praised the altos above all. A concert for everyone follows in the town hall on Sunday, and admission is free.",
)
LIBRARY = (
    "Reading room stays open until ten",
    "From next month the municipal library will keep its reading room open until ten at night, as students have asked for years.\n\n"
    "Two porters were hired. The heating, which used to be turned down at six, will run on, at a cost of some four thousand crowns each winter.\n\n"
    "Lending ends at seven as before. Bicycles may stand in the yard.",
)
# Each written anew in other words, as an editor would: facts and names stay.
REWRITTEN = [
    (
        STORM,
        (
            "Vellmouth braces for gale, islands cut off",
            "Gusts of ninety kilometres per hour are forecast for Vellmouth tonight as a gale moves in from the north-west.\n\n"
            "No ferry will sail to the islands after midday, and owners of small craft were told to haul them ashore and empty basements beside the canal before dark.\n\n"
            "Ines Rokke, who runs the harbour, will shut the tide gate at six o'clock; people on the sea side must be gone.",
        ),
    ),
    (
        CHOIR,
        (
            "Ropemakers take first place with a madrigal",
            "It was a madrigal practised among washing machines that brought the ropemakers' choir first place in the national contest at the weekend.\n\n"
            "Its thirty-one members came overnight by rail, their bus having failed at the depot.\n\n"
            "Judges singled out the altos. On Sunday the singers can be heard at the town hall without charge.",
        ),
    ),
    (
        LIBRARY,
        (
            "Students get their way: library opens evenings",
            "Students have long demanded it, and next month it comes: at the municipal library the reading room will close at ten in the evening.\n\n"
            "That takes two additional porters and heating past six o'clock, which comes to about four thousand crowns per winter.\n\n"
            "Books can be borrowed until seven, no change there. The yard is for bicycles.",
        ),
    ),
    (
        (
            "Bridge at Tarn closed for repairs",
            "The stone bridge at Tarn is closed to vehicles from Monday until the end of May, the roads office announced. Engineers found that frost had loosened eleven blocks of the second arch.\n\n"
            "Pedestrians may cross on a wooden deck. Lorries are sent by way of Oster, a detour of nineteen kilometres, while buses of line 40 turn at the mill.\n\n"
            "Mayor Pell Adarsson called the closure overdue: the last repair dates from 1958.",
        ),
        (
            "Frost damage shuts Tarn crossing until May",
            "Eleven loose blocks in the second arch have led the roads office to shut the crossing at Tarn to all traffic from Monday. It will reopen when May ends.\n\n"
            "Walkers get a deck of planks; line 40 will go no further than the mill, and heavy vehicles must drive nineteen kilometres more through Oster.\n\n"
            "Nothing has been mended there since 1958, said Pell Adarsson, the mayor, who had pressed for the work.",
        ),
    ),
]
DAYS = ("2025-02-11", "2025-03-30", "2025-05-02")


def capture(
    state: tuple[str | None, str], url: str, at: str, day: str | None = None, **more: Any
) -> dict[str, Any]:
    """A record of a state of an address."""
    title, text = state
    known = {"retrieved_at": f"{at}T08:00:00Z", "method": "crawler"}
    record = {
        "url": url,
        "title": title,
        "text": text,
        "published": day,
        "retrieval": known,
        **more,
    }
    return {key: value for key, value in record.items() if value is not None}


def built(root: Path, **options: Any) -> Built[Release]:
    """The next release, with what was found."""
    return open_archive(root).build(BuildOptions(workers=1, date="2026-01-01", **options))


TODAY = "https://courier.example/today"
THREE = [
    capture(state, TODAY, day, day)
    for state, day in zip((STORM, CHOIR, LIBRARY), DAYS, strict=True)
]


def test_an_address_of_three_articles_in_turn(tmp_path: Path) -> None:
    """The first keeps the id, the others get ids of their own; none is an edit of another."""
    done = built(write(tmp_path / "a", THREE))
    rows = {row["title"]: row for row in done.release.rows("articles")}
    base = rows[STORM[0]]["article_id"]
    assert "~" not in base
    for state in (CHOIR, LIBRARY):
        assert rows[state[0]]["article_id"].startswith(f"{base}~")
    assert [row["cause"] for row in done.release.rows("revisions")] == [None] * 3
    found = [str(f) for f in done.findings if f.code == "MF710"]
    assert len(found) == 2
    assert all(STORM[0] in each and base in each for each in found)
    assert any(CHOIR[0] in each for each in found)
    assert [v.faults for v in done.release.verify(rebuild=tmp_path / "a") if not v.ok] == []


def test_the_order_of_captures_changes_nothing(tmp_path: Path) -> None:
    """Nor the number of workers: same bytes."""
    digests = set()
    for number, order in enumerate(itertools.permutations(THREE)):
        root = write(tmp_path / str(number), order)
        release = (
            open_archive(root)
            .build(BuildOptions(workers=1 + number % 2, date="2026-01-01"))
            .release
        )
        digests.add(release.fingerprint)
    assert len(digests) == 1


def test_a_section_number_taken_for_an_id(tmp_path: Path) -> None:
    """A pattern that gives one id to all articles of a section does not make them one."""
    made = [
        capture(state, f"https://courier.example/2024/07/12/{name}", day, day)
        for state, day, name in zip((STORM, CHOIR, LIBRARY), DAYS, "abc", strict=True)
    ]
    release = built(write(tmp_path / "a", made, outlet())).release
    assert len(release.rows("articles")) == 3
    assert {row["n_revisions"] for row in release.rows("articles")} == {1}
    assert sum(row["article_id"] == "courier:n-12" for row in release.rows("articles")) == 1


@pytest.mark.parametrize("headed", [True, False])
@pytest.mark.parametrize("pair", REWRITTEN, ids=lambda pair: pair[0][0].split()[0])
def test_a_text_that_is_written_anew_is_an_edit(
    tmp_path: Path, pair: tuple[tuple[str, str], tuple[str, str]], headed: bool
) -> None:
    """With a new headline, and without any."""
    states = pair if headed else [(None, text) for _, text in pair]
    made = [
        capture(state, TODAY, day, "2025-02-11")
        for state, day in zip(states, DAYS[:2], strict=True)
    ]
    done = built(write(tmp_path / "a", made))
    (article,) = done.release.rows("articles")
    assert article["n_revisions"] == 2
    assert [row["cause"] for row in done.release.rows("revisions")] == [None, "outlet"]
    assert "MF710" not in done.counts


def test_smaller_edits_are_edits() -> None:
    """One word, a sentence, a headline, half of the text, another order; also over many steps."""
    rng = random.Random(7)
    everything = [STORM, CHOIR, LIBRARY, *(pair[0] for pair in REWRITTEN[3:])]
    for title, text in everything:
        before = State(title, text, "2025-02-11")
        parts = text.split("\n\n")
        words = text.split(" ")
        words[rng.randrange(len(words))] = "otherwise"
        edited = [
            (title, " ".join(words)),
            (title, text + "\n\nMore follows."),
            ("Quite another line", text),
            (None, "\n\n".join(parts[1:])),
            ("Quite another line", parts[0]),
            ("Quite another line", "\n\n".join(reversed(parts))),
            (title, "Nothing of the text above is left here, but its headline."),
        ]
        for headline, later in edited:
            for day in ("2025-02-11", "2025-02-12", None):
                assert may_be_edits(before, State(headline, later, day)), (headline, later)


def test_different_articles_are_not_edits() -> None:
    """Whatever is known of them."""
    told = [STORM, CHOIR, LIBRARY, REWRITTEN[3][0]]
    for one, other in itertools.permutations(told, 2):
        for days in itertools.product(("2025-02-11", None), ("2025-03-01", None)):
            for first, second in ((one[0], other[0]), (None, other[0]), (None, None)):
                states = State(first, one[1], days[0]), State(second, other[1], days[1])
                assert not may_be_edits(*states), (first, second)


def test_no_pair_that_may_be_one_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is compared holds every pair that is alike, of texts with some words in common."""
    rng = random.Random(3)
    words = [
        f"{stem}{end}" for stem in "harbour ledger library weather".split() for end in "abcdefgh"
    ]
    states = [
        State(
            rng.choice([None, " ".join(rng.choices(words, k=3))]),
            " ".join(rng.choices(words, k=rng.randrange(3, 60))),
            rng.choice([None, *DAYS]),
        )
        for _ in range(60)
    ]
    pairs = set(likely_pairs(states))
    monkeypatch.setattr(edits, "FEW", len(states))
    assert list(likely_pairs(states)) == sorted(pairs, key=lambda pair: pair[::-1])
    alike = {
        (i, j)
        for i, j in itertools.combinations(range(len(states)), 2)
        if may_be_edits(states[i], states[j]) or may_be_one(states[i], states[j])
    }
    assert alike <= pairs
    assert len(alike) > 100


def test_aliases_join_what_was_told_apart(tmp_path: Path) -> None:
    """A line from the made id to the other makes one article of the two again."""
    root = write(tmp_path / "a", THREE)
    first = {row["title"]: row["article_id"] for row in build(root).rows("articles")}
    line = {"old_id": first[CHOIR[0]], "new_id": first[STORM[0]], "reason": "a column"}
    (root / "raw" / "aliases.jsonl").write_text(json.dumps(line) + "\n")
    release = build(root)
    rows = {row["article_id"]: row for row in release.rows("articles")}
    assert set(rows) == {first[STORM[0]], first[LIBRARY[0]]}
    assert first[CHOIR[0]] in rows[first[STORM[0]]]["aliases"]
    assert rows[first[STORM[0]]]["n_revisions"] == 2
    assert release.article(first[CHOIR[0]])["article_id"] == first[STORM[0]]


def test_each_article_of_an_address_is_withdrawn_by_its_own_id(tmp_path: Path) -> None:
    """The others stay."""
    root = write(tmp_path / "a", THREE)
    first = {row["title"]: row["article_id"] for row in build(root).rows("articles")}
    for gone, kept in ((CHOIR, {STORM, LIBRARY}), (STORM, {LIBRARY})):
        open_archive(root).withdraw(first[gone[0]], {"reason": "privacy", "authority": "desk"})
        release = build(root)
        assert {row["title"] for row in release.rows("articles")} == {title for title, _ in kept}
        assert first[gone[0]] in {row["article_id"] for row in release.rows("withdrawn")}


def test_growth_keeps_every_id(tmp_path: Path) -> None:
    """Captures that come later, of articles old and new, leave published ids what they are."""
    more = [
        capture(CHOIR, TODAY, "2025-03-31", DAYS[1]),
        capture((STORM[0], STORM[1].replace("noon", "eleven")), TODAY, "2025-02-12", DAYS[0]),
    ]
    made, ids = [*THREE, *more], dict[str, str]()
    for number in range(1, len(made) + 1):
        release = build(write(tmp_path / "a", made[:number]))
        for title, article_id in ids.items():
            assert release.article(article_id)["title"] == title
        ids |= {row["title"]: row["article_id"] for row in release.rows("articles")}


LINK = '<link rel="canonical" href="https://courier.example/news">'


def test_a_canonical_link_that_two_pages_share_joins_none(tmp_path: Path) -> None:
    """Nor does a third page break a promise; the first id that was published resolves."""
    made, published = [], set[str]()
    for number, (title, text) in enumerate((STORM, CHOIR, LIBRARY)):
        paragraphs = "".join(f"<p>{each}</p>" for each in text.split("\n\n"))
        html = f"<html><head><title>{title}</title>{LINK}</head><body><article><h1>{title}</h1>{paragraphs}</article></body></html>"
        at = {"retrieved_at": f"2025-0{number + 1}-01T00:00:00Z", "method": "crawler"}
        made.append({"url": f"https://courier.example/p/{number}", "html": html, "retrieval": at})
        release = build(write(tmp_path / "a", made))
        rows = release.rows("articles")
        assert len(rows) == number + 1
        if number:
            assert sorted(row["url"] for row in rows) == [each["url"] for each in made]
        published |= {each for row in rows for each in (row["article_id"], *row["aliases"])}
        assert all(release.article(each) for each in published)


def test_a_wall_joins_nothing(tmp_path: Path) -> None:
    """Five addresses with one text under five headlines are five articles."""
    wall = " ".join(["To read on, take out a subscription; the first month costs one crown."] * 6)
    made = [
        capture((f"{STORM[0]} {number}", wall), f"https://courier.example/w/{number}", DAYS[0], day)
        for number, day in enumerate((*DAYS, None, None))
    ]
    assert len(build(write(tmp_path / "a", made)).rows("articles")) == 5


@pytest.mark.parametrize(
    ("title", "day", "count"),
    [(STORM[0], DAYS[0], 1), (STORM[0].upper(), DAYS[0], 1), (CHOIR[0], DAYS[0], 2), (STORM[0], DAYS[1], 2), (STORM[0], None, 1), (None, DAYS[0], 2)],
)  # fmt: skip
def test_equal_text_joins_where_headline_and_day_agree(
    tmp_path: Path, title: str | None, day: str | None, count: int
) -> None:
    """An unknown day disagrees with none; a headline that is missing agrees with none."""
    made = [
        capture(STORM, "https://courier.example/a", DAYS[0], DAYS[0]),
        capture((title, STORM[1]), "https://courier.example/b", DAYS[0], day),
    ]
    assert len(build(write(tmp_path / "a", made)).rows("articles")) == count


def test_a_route_of_a_page_is_an_address_of_its_own(tmp_path: Path) -> None:
    """`/#!/article/77` is no front page."""
    made = [
        capture(state, f"https://courier.example/#!/article/{n}", DAYS[n], DAYS[n])
        for n, state in enumerate((STORM, CHOIR))
    ]
    rows = build(write(tmp_path / "a", made)).rows("articles")
    assert sorted(row["url"] for row in rows) == [each["url"] for each in made]


def test_an_alias_means_the_article_that_was_published(tmp_path: Path) -> None:
    """Not the page that once named its address as canonical; no id is of two articles."""
    link = '<link rel="canonical" href="https://courier.example/a">'
    paragraphs = "".join(f"<p>{each}</p>" for each in STORM[1].split("\n\n"))
    html = f"<html><head><title>{STORM[0]}</title>{link}</head><body><article><h1>{STORM[0]}</h1>{paragraphs}</article></body></html>"
    at = {"retrieved_at": "2025-01-01T00:00:00Z", "method": "crawler"}
    made = [
        {"url": "https://courier.example/p/1", "html": html, "retrieval": at},
        capture(CHOIR, "https://courier.example/a", DAYS[1], DAYS[1]),
        capture(LIBRARY, "https://courier.example/b", DAYS[2], DAYS[2]),
    ]
    root = write(tmp_path / "a", made)
    first = {row["title"]: row["article_id"] for row in build(root).rows("articles")}
    line = {"old_id": first[CHOIR[0]], "new_id": first[LIBRARY[0]], "reason": "moved"}
    (root / "raw" / "aliases.jsonl").write_text(json.dumps(line) + "\n")
    release = build(root)
    rows = {row["article_id"]: row for row in release.rows("articles")}
    assert set(rows) == {first[STORM[0]], first[LIBRARY[0]]}
    assert rows[first[STORM[0]]]["title"] == STORM[0]
    assert first[CHOIR[0]] in rows[first[LIBRARY[0]]]["aliases"]
    assert [v.faults for v in release.verify(rebuild=root) if not v.ok] == []
