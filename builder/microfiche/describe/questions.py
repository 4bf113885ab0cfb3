"""The questions of a datasheet, and what is wrong with the answers an archive gives.

Seven sections and 57 questions, after Gebru et al., "Datasheets for Datasets", Communications of
the ACM 64 (12), 2021, by our count and in our words. DATASHEET.md of an archive has a heading
`## Section` for each section and `### 12. Question` for each question; the number counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from microfiche.describe import BLOCK

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "Motivation": (
        "Why was the dataset made?",
        "Who made it, and for whom?",
        "Was the work funded?",
        "Anything to add about the motivation?",
    ),
    "Composition": (
        "What is one instance?",
        "How many instances are there?",
        "Everything, or a sample?",
        "What does each instance hold?",
        "Are there labels or targets?",
        "Is anything missing from individual instances?",
        "Are relations between instances recorded?",
        "Are there recommended splits?",
        "What errors, noise or repetition are known?",
        "Does it depend on outside resources?",
        "Is any of it confidential?",
        "Could any of it offend, threaten or distress?",
        "Does it identify groups of people?",
        "Can individuals be identified?",
        "Does it hold sensitive information about people?",
        "Anything to add about the composition?",
    ),
    "Collection process": (
        "How was the content of each instance obtained?",
        "By what means was it gathered?",
        "If it is a sample, how was it drawn?",
        "Who took part in the collection?",
        "Over what period was it gathered?",
        "Was there an ethical review?",
        "Did the data come from people directly or through others?",
        "Were the people concerned told?",
        "Did the people concerned consent?",
        "Can consent be withdrawn?",
        "Was the effect on data subjects assessed?",
        "Anything to add about the collection?",
    ),
    "Preprocessing, cleaning, labelling": (
        "Was the material processed, cleaned or labelled?",
        "Was the unprocessed material kept?",
        "Is the software available?",
        "Anything to add about the processing?",
    ),
    "Uses": (
        "What has it been used for already?",
        "Is there a list of work that uses it?",
        "What else might it be used for?",
        "Does its make-up limit or endanger later uses?",
        "What should it not be used for?",
        "Anything to add about uses?",
    ),
    "Distribution": (
        "Is it given to others outside the project?",
        "How is it distributed, and has it a DOI?",
        "When is it distributed?",
        "Under which licence or terms?",
        "Do others hold rights in it?",
        "Do export or other rules apply?",
        "Anything to add about distribution?",
    ),
    "Maintenance": (
        "Who looks after it?",
        "How can they be reached?",
        "Is there a list of corrections?",
        "Will it be updated?",
        "Are there limits on how long data about people are kept?",
        "Are older versions kept?",
        "Can others add to it?",
        "Anything to add about maintenance?",
    ),
}
# Generated blocks that a new datasheet has below a question, by its number.
BLOCKS: Mapping[int, str] = {
    5: "outlets",
    6: "counts",
    7: "coverage",
    8: "languages",
    10: "missing",
    25: "span",
    44: "files",
}
# Blocks that answer their question without a word from the archive.
ANSWERS = (6, 10, 25)
N_QUESTIONS = sum(map(len, SECTIONS.values()))
# Every generated block, of the card and of the datasheet.
BLOCK_NAMES = frozenset(
    "status summary access tables load verify cite outlets coverage fields contact counts span "
    "languages missing files unanswered".split()
)
NOT_ANSWERED = "Not answered by the archive."
# What stands where something is still to be written.
PLACEHOLDER = re.compile(
    r"\b(?:TODO|TBD|TBA|TBC|FIXME|XXX)\b(?!\.[A-Za-z])"
    r"|(?i:\((?:not yet answered|filled in by the build)\)|\blorem ipsum\b|^[^\w\n]*write here\b)"
    r"|(?i:^[^\w\n]*to be (?:written|completed|filled in|added|decided|determined)[^\w\n]*$)"
    r"|(?i:[\[<{]\s*(?:your|insert|fill in|more information needed|placeholder)\b[^\]>}]*[\]>}])"
    r"|^\s*(?:_{3,}|\?{2,}|\.{3,}|…)\s*$",
    re.MULTILINE,
)
ITEM = re.compile(r"^([0-9]{1,2})[.)] +(.+(?:\n(?![0-9]{1,2}[.)] |\s*$|#).+)*)", re.MULTILINE)
HEADING = re.compile(r"^(#{2,3}) +(?:([0-9]{1,2})\. *)?(.*?) *$", re.MULTILINE)


def numbered() -> Iterator[tuple[int, str, str]]:
    """(number, section, question) of every question."""
    number = 0
    for section, questions in SECTIONS.items():
        for question in questions:
            number += 1
            yield number, section, question


def answers(page: str) -> dict[int, str]:
    """The hand-written answer to each question by its number, as plain text on one line."""
    found = {}
    for number, body in _bodies(BLOCK.sub("", page)):
        text = " ".join(re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", body).split())
        if text and text != NOT_ANSWERED and _written(body):
            found[number] = text
    return found


def _bodies(page: str) -> Iterator[tuple[int, str]]:
    """(number, what stands below) of each numbered heading; of a numbered list (number, item)."""
    marks = [*HEADING.finditer(page)]
    for place, match in enumerate(marks):
        end = marks[place + 1].start() if place + 1 < len(marks) else len(page)
        body = page[match.end() : end]
        if match[2]:
            yield int(match[2]), body
        else:
            yield from ((int(item[1]), item[2]) for item in ITEM.finditer(body))


class Answers(NamedTuple):
    """What a datasheet answers: numbers of questions by section that it leaves open, and lines
    that hold a placeholder.
    """  # noqa: D205

    missing: Mapping[str, list[int]]
    placeholders: list[tuple[int, str]]


def read_answers(page: str) -> Answers:
    """What a datasheet leaves open. Some generated blocks are answers by themselves."""
    answered = {
        number
        for number, body in _bodies(page)
        if (number in ANSWERS and BLOCK.search(body)) or _written(BLOCK.sub("", body))
    }
    missing: dict[str, list[int]] = {}
    for number, section, _ in numbered():
        if number not in answered:
            missing.setdefault(section, []).append(number)
    return Answers(missing, list(placeholders(page)))


def _written(body: str) -> bool:
    """Whether anything but placeholders stands below a heading."""
    return any(is_text and not PLACEHOLDER.search(part) for is_text, part in _parts(body))


def placeholders(page: str) -> Iterator[tuple[int, str]]:
    """(line number, placeholder) of each place that is still to be written, outside of blocks."""
    for match in PLACEHOLDER.finditer(without_blocks(page)):
        yield page.count("\n", 0, match.start()) + 1, match[0].strip()


def unknown_blocks(page: str) -> list[str]:
    """Names of generated blocks that no page has."""
    return sorted({match["name"] for match in BLOCK.finditer(page)} - BLOCK_NAMES)


def without_blocks(page: str) -> str:
    """A page with generated blocks blanked, so that places stay where they were."""
    return BLOCK.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), page)


def with_open_answers(page: str) -> str:
    """A datasheet with a word below every question that it leaves open."""
    missing = {number for numbers in read_answers(page).missing.values() for number in numbers}

    def told(match: re.Match[str]) -> str:
        open_question = match[2] and int(match[2]) in missing
        return f"{match[0]}\n\n{NOT_ANSWERED}" if open_question else match[0]

    return HEADING.sub(told, page)


def without_placeholders(page: str) -> str:
    """A page without its paragraphs that hold a placeholder."""
    parts, at = [], 0
    for match in BLOCK.finditer(page):
        parts += [_cleaned(page[at : match.start()]), match[0]]
        at = match.end()
    return "".join([*parts, _cleaned(page[at:])])


def _cleaned(text: str) -> str:
    return "\n".join(
        "" if is_text and PLACEHOLDER.search(part) else part for is_text, part in _parts(text)
    )


def _parts(text: str) -> Iterator[tuple[bool, str]]:
    """(whether it is a paragraph, its lines); blank lines and headings stand between."""
    paragraph: list[str] = []
    for line in text.split("\n"):
        if line.strip() and not line.startswith("#"):
            paragraph.append(line)
            continue
        if paragraph:
            yield True, "\n".join(paragraph)
            paragraph = []
        yield False, line
    if paragraph:
        yield True, "\n".join(paragraph)


def template(title: str, fill: str) -> str:
    """A datasheet with every question, and the blocks that the build answers some with."""
    parts, section = [f"# Datasheet of {title}"], None
    for number, heading, question in numbered():
        if heading != section:
            section = heading
            parts.append(f"## {section}")
        parts.append(f"### {number}. {question}")
        if name := BLOCKS.get(number):
            begin, end = (f"<!-- microfiche:{word} {name} -->" for word in ("begin", "end"))
            parts.append(f"{begin}\n{fill}\n{end}")
    return "\n\n".join(parts) + "\n"
