"""Exports of Integrum, as HTML: a table of labels and the text as it was typed, an article each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from microfiche.captures.press import PressArticle, day_of, typed_paragraphs
from microfiche.text import normal_line

LABELS = {"ИС": "publication", "РБ": "section", "НР": "edition", "ДТ": "day", "АВ": "byline",
          "ЗГ": "title", "ПЗ": "subtitle", "СТ": "page"}  # fmt: skip
LABEL = re.compile(r"\^(?P<label>[А-Я]{2}):(?P<value>[^^]*)")


def articles(root: Any) -> Iterator[PressArticle]:
    """The articles of an export."""
    cells = [each for each in root.iter("td") if "^ИС:" in (each.text_content() or "")]
    for number, cell in enumerate(cells, start=1):
        known = {
            LABELS[match["label"]]: normal_line(match["value"])
            for match in LABEL.finditer(cell.text_content())
            if match["label"] in LABELS
        }
        texts = cell.xpath("following::pre[1]")
        owner = texts and texts[0].xpath("preceding::td[contains(., '^ИС:')][1]")
        text = texts[0] if owner and owner[0] is cell else None
        dated = day_of(known.get("day", ""))
        yield PressArticle(
            f"article {number}",
            publication=known.get("publication") or None,
            title=known.get("title") or None,
            subtitle=known.get("subtitle") or None,
            byline=(known["byline"].rstrip(" ,"),) if known.get("byline") else (),
            section=known.get("section") or None,
            edition=known.get("edition") or None,
            page=known.get("page") or None,
            published=dated and dated[0],
            language="ru",
            paragraphs=tuple(typed_paragraphs(text.text_content(), 3)) if text is not None else (),
        )
