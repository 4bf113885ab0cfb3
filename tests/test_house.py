"""The shape of the code: which way imports run, and what starting up costs."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import microfiche
from conftest import REPOSITORY

PACKAGE = REPOSITORY / "builder" / "microfiche"
# Imports run down this list: a module may import those above it, and its neighbours in its folder.
ORDER = (
    "errors finding schema fixity text dates url outlet capture extract plausibility article batch reading archive expected "
    "columns tables withholding scan similarity collation release version diff proof subset signing quoting describe claims engine roots validation verify build rebuilding rehydrating learning spreadsheet adding withdrawing fetching capturing starting load "
    "cli"
).split()
# Reached only when a method is called, so that a value can offer its verbs (Archive.build, ...).
LAZY = {
    "archive": {"validation", "build", "engine", "learning"},
    "release": {"columns", "tables", "verify", "describe", "diff", "proof", "subset"},
    "verify": {"load", "rebuilding"},
    "validation": {"build"},
}
HEAVY = ("pyarrow", "datasets", "pandas", "numpy", "jsonschema", "jsonschema_rs", "rich", "re2")


def room(path: Path) -> str:
    """Top-level name of a module in the package."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> set[tuple[str, bool]]:
    """(room imported, whether at the top of the module) of a module's own imports."""
    tree = ast.parse(path.read_text("utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and id(node) not in typing_only and node.module:
            top = node in tree.body
            parts = node.module.split(".")
            if parts[0] == "microfiche" and len(parts) > 1:
                found.add((parts[1], top))
            elif node.module == "microfiche":
                found |= {(alias.name, top) for alias in node.names}
    return {(name, top) for name, top in found if name in ORDER}


def test_imports_run_down_the_list() -> None:
    """No module imports one below it, but for the lazy ones named above."""
    wrong = []
    for path in sorted(PACKAGE.rglob("*.py")):
        here = room(path)
        if here == "__init__":
            continue
        for name, top in sorted(imports(path)):
            allowed = name == here or ORDER.index(name) < ORDER.index(here)
            lazy = not top and name in LAZY.get(here, ())
            if not allowed and not lazy:
                wrong.append(f"{path.relative_to(PACKAGE)} imports {name}")
    assert wrong == []


def test_every_module_is_in_the_list() -> None:
    """A newcomer finds each room in ORDER, and ORDER names no room that is gone."""
    rooms = {room(path) for path in PACKAGE.rglob("*.py")} - {"__init__"}
    assert rooms == set(ORDER)


@pytest.mark.parametrize("arguments", [["--help"], ["build", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    """Start-up loads typer and nothing that a command would need."""
    code = (
        "import sys\nsys.argv = ['microfiche', *sys.argv[1:]]\n"
        "from microfiche.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    assert done.stdout
    assert done.stderr.strip() == "[]"


def test_only_the_edge_prints_or_exits() -> None:
    """print, sys.exit and typer stand in cli.py alone."""
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text("utf-8")
        if path.name != "cli.py":
            assert not re.search(r"(?<!\w)print\(", text), path
            assert "sys.exit" not in text, path
            assert "import typer" not in text, path


def test_public_names_resolve() -> None:
    """What the package promises is there, and nothing else is invented."""
    for name in microfiche.__all__:
        assert getattr(microfiche, name)
    with pytest.raises(AttributeError):
        _ = microfiche.nothing_of_the_kind
