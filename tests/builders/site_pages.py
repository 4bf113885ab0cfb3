"""Pages of an invented outlet as a crawl would save them: menus, boxes, share lines, footers."""

from __future__ import annotations

import random
from html import escape
from typing import NamedTuple

HOST = "www.tollmarchobserver.example"
NAME = "Tollmarch Observer"
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
WHO = (
    "The harbour board", "A court in Selby", "The county library", "Dock workers", "The museum",
    "Two schools", "The fishing fleet", "A pensioner of Quay Street", "The bus company", "Bakers",
)  # fmt: skip
DOES = (
    "will close the north pier for repairs", "has lost a case over fishing rights",
    "wants to keep the old reading room", "asks for a later ferry", "opens an exhibition of nets",
    "must share one building until spring", "returned with half its catch",
    "found a map of the drowned village", "will run fewer buses on Sundays", "raise their prices",
)  # fmt: skip
SAID = (
    "“We had hoped for another year,” said {name}, who has kept the books since 2009.",
    "Nobody in the town hall could say on {day} what the work would cost.",
    "The decision was taken by seven votes to four after a debate of two hours.",
    "{name} called the plan a gift to those who live on the hill.",
    "A report of 41 pages, which this newspaper has read, names three other sites.",
    "The tide stood higher than in any winter since the wall was built.",
    "Visitors may see the rooms on Saturdays from ten, and schools by appointment.",
    "The county pays two thirds, and the rest is to come from a lottery in {day}.",
    "Four of the nine boats lie in Selby, where the mooring costs half as much.",
    "What becomes of the crane, which is listed, is to be settled in the autumn.",
)
NAMES = ("Ada Quill", "Tom Reed", "Nora Pike", "Ivo Stern", "Lena Marsh")


class Page(NamedTuple):
    """A page, and what is right of it."""

    url: str
    html: str
    title: str
    byline: str
    published: str
    paragraphs: tuple[str, ...]


def pages(count: int = 30, seed: int = 7) -> list[Page]:
    """Pages of articles that differ in address, headline and text."""
    draw, found = random.Random(seed), list[Page]()
    for number in range(count):
        subject, verb = WHO[number % 10], DOES[(number * 3 + number // 10) % 10]
        title = f"{subject} {verb}"
        day, month = draw.randint(1, 28), draw.randint(1, 12)
        writer = draw.choice(NAMES)
        lines = draw.sample(SAID, 6)
        text = tuple(
            " ".join(each.format(name=draw.choice(NAMES), day=draw.choice(MONTHS)) for each in pair)
            + f" That was {draw.randint(100, 9999)} days ago."
            for pair in zip(lines[::2], lines[1::2], strict=True)
        )
        text = (f"{title}, it was said in Tollmarch on {MONTHS[month - 1]} {day}.", *text)
        slug = "-".join(title.lower().split()[:6])
        url = f"https://{HOST}/news/{40_000 + 17 * number}-{slug}"
        stated = f"{day} {MONTHS[month - 1]} 2023"
        html = _html(title, writer, stated, text, url, [each.title for each in found[-3:]])
        found.append(Page(url, html, title, writer, f"2023-{month:02}-{day:02}", text))
    return found


def _html(
    title: str, writer: str, stated: str, text: tuple[str, ...], url: str, others: list[str]
) -> str:
    body = "\n".join(f"<p>{escape(each)}</p>" for each in text)
    related = "".join(
        f'<li><a href="/news/{n}">{escape(each)}</a></li>' for n, each in enumerate(others)
    )
    return f"""<!DOCTYPE html>
<html lang="en-GB"><head><meta charset="utf-8">
<title>{escape(title)} | {NAME}</title><link rel="canonical" href="{url}"></head>
<body><header><a href="/">{NAME}</a><ul><li><a href="/news">News</a></li>
<li><a href="/harbour">Harbour</a></li><li><a href="/letters">Letters</a></li></ul></header>
<main><h1>{escape(title)}</h1><p class="meta">By {writer}</p><p class="meta">{stated}</p>
<div class="story">{body}
<p>Do you know more? Write to our newsroom at the old customs house.</p>
<p>The Observer is printed on Fridays and costs two crowns.</p></div>
<div class="share">Share on Pigeon Share by letter</div>
<section><h2>More from Tollmarch</h2><ul>{related}</ul></section></main>
<footer>Printed and published at 3 Customs House Lane, Tollmarch</footer></body></html>
"""
