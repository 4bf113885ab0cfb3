"""The command that shows the documentation, which comes with the package."""

from __future__ import annotations

import difflib
import importlib.resources
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from microfiche.cli.rendering import is_terminal, say
from microfiche.errors import CannotRun, NotFound, UsageError

EXAMPLES = "examples/quayside"


def docs(
    page: Annotated[
        str | None, typer.Argument(metavar="[PAGE]", help="As the list names it.")
    ] = None,
    examples: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Copy the captures of tutorial and guides.")
    ] = None,
) -> None:
    """Show the documentation that comes with this version, or copy its examples."""
    root = _folder()
    pages = {_name(root, file): file for file in sorted(root.rglob("*.md"), key=_place)}
    if examples and page:
        raise UsageError("--examples copies captures, PAGE shows a page", "give one of them")
    if examples:
        _copy(root / EXAMPLES, examples)
    elif page is None:
        for name, file in pages.items():
            print(f"{name:30}{_title(file)}")
        say("next: microfiche docs tutorial")
    else:
        name = page.removeprefix("docs/").removesuffix(".md")
        if name not in pages:
            raise NotFound(f"{page}: no page of that name", _meant(name, pages))
        _show(pages[name].read_text("utf-8"))


def _folder() -> Path:
    """Where the pages lie: in the package when installed, else in the repository."""
    package = Path(str(importlib.resources.files("microfiche")))
    installed = package / "_docs"
    return installed if installed.is_dir() else package.parents[1] / "docs"


def _place(file: Path) -> tuple[bool, str]:
    """The tutorial first, then by name."""
    return file.stem not in ("index", "tutorial"), file.as_posix()


def _name(root: Path, file: Path) -> str:
    return file.relative_to(root).with_suffix("").as_posix()


def _title(file: Path) -> str:
    with file.open(encoding="utf-8") as lines:
        return next((line[2:].strip() for line in lines if line.startswith("# ")), "")


def _meant(name: str, pages: Iterable[str]) -> str:
    """The page that was meant: of that name in a folder, or of a name like it."""
    last = {each.rpartition("/")[2]: each for each in pages}
    like = difflib.get_close_matches(name.rpartition("/")[2], last, 1)
    return f"did you mean {last[like[0]]}?" if like else "list them with `microfiche docs`"


def _show(text: str) -> None:
    """A page as it is; on a terminal as it is meant to look."""
    if not is_terminal(sys.stdout):
        print(text, end="")
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console(width=min(100, shutil.get_terminal_size().columns)).print(Markdown(text))


def _copy(source: Path, target: Path) -> None:
    """Copy the examples into a folder that is new. Raises CannotRun."""
    if target.exists():
        raise CannotRun(f"{target}: is there already", "name a folder that is not")
    try:
        shutil.copytree(source, target)
    except (OSError, shutil.Error) as error:
        raise CannotRun(f"{target}: cannot be written", "name a folder that can be") from error
    print(f"copied the examples to {target}")
