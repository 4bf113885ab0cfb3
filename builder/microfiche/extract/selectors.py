"""What an outlet's own selectors find on its pages, as its file states them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from microfiche.outlets.outlet import Outlet, SelectorRule


class Selected:
    """An outlet's selectors on one page, as they hold on the day it was retrieved (None: any)."""

    def __init__(self, root: Any, outlet: Outlet, day: str | None) -> None:
        self.root = root
        self.rules = [rule for rule in outlet.selectors if day is None or rule.span.holds(day)]

    def remove(self) -> None:
        """Take out what the outlet says is no part of the article. Text after it stays."""
        for rule in self.rules:
            for element in _matches(self.root, rule) if rule.field == "remove" else ():
                parent = element.getparent()
                if parent is not None and element is not self.root:
                    _drop(element, parent)

    def elements(self, field: str) -> tuple[list[Any], str]:
        """(elements of the first selector of a field that matches, the rule's words)."""
        for rule in self.rules:
            if rule.field == field and (found := _matches(self.root, rule)):
                return found, f"the outlet's selector {rule.css}"
        return [], ""


def _matches(root: Any, rule: SelectorRule) -> list[Any]:
    return list(_finder(rule.css)(root))


@functools.lru_cache(maxsize=1024)
def _finder(css: str) -> Callable[[Any], Any]:
    import cssselect
    import lxml.etree

    xpath = cssselect.HTMLTranslator().css_to_xpath(css)
    find: Callable[[Any], Any] = lxml.etree.XPath(xpath)
    return find


def _drop(element: Any, parent: Any) -> None:
    """Remove an element and keep the text behind it."""
    if element.tail:
        before = element.getprevious()
        if before is None:
            parent.text = (parent.text or "") + element.tail
        else:
            before.tail = (before.tail or "") + element.tail
    parent.remove(element)
