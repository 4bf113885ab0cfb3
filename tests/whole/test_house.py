"""The shape of the code: which way imports run, and what the package promises."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import microfiche
from conftest import REPOSITORY

PACKAGE = REPOSITORY / "builder" / "microfiche"


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """The contracts of pyproject.toml, on the package in `root`/builder."""
    command = [Path(sys.executable).parent / "lint-imports", "--no-cache", "--no-logo"]
    return subprocess.run(
        command,
        cwd=root,
        env={"PYTHONPATH": str(root / "builder"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_imports_run_down_the_list() -> None:
    """No module imports one below its room, for types or inside a function, and none in a circle."""
    done = lint(REPOSITORY)
    assert done.returncode == 0, done.stdout
    assert "2 kept, 0 broken" in done.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("release/__init__.py", "    from microfiche.verify import verify"),
        ("text.py", "    from microfiche.url import read_address"),
        ("tables/arrow.py", "    from microfiche.tables.sheets import Sheet"),
        ("newcomer.py", "    pass"),
    ],
)
def test_an_import_that_runs_up_is_found(tmp_path: Path, module: str, line: str) -> None:
    """Also inside a function: up the house, in a circle, and a module without a place in it."""
    shutil.copytree(PACKAGE, tmp_path / "builder" / "microfiche")
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    file = tmp_path / "builder" / "microfiche" / module
    before = file.read_text("utf-8") if file.exists() else '"""Not in the list."""\n'
    file.write_text(f"{before}\n\ndef _late() -> None:\n{line}\n", "utf-8")
    done = lint(tmp_path)
    assert done.returncode == 1, done.stdout
    assert file.stem.replace("__init__", "release") in done.stdout


def test_only_the_edge_prints_or_exits() -> None:
    """print, sys.exit and typer stand in cli/ alone."""
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text("utf-8")
        if path.parent.name != "cli":
            assert not re.search(r"(?<!\w)print\(", text), path
            assert "sys.exit" not in text, path
            assert "import typer" not in text, path


def test_public_names_resolve() -> None:
    """What the package promises is there, and nothing else is invented."""
    for name in microfiche.__all__:
        assert getattr(microfiche, name)
    with pytest.raises(AttributeError):
        _ = microfiche.nothing_of_the_kind


def test_importing_the_package_loads_nothing_heavy() -> None:
    """Neither pyarrow nor datasets nor what they bring, until something is asked for."""
    code = "import sys, microfiche; print([n for n in ('pyarrow', 'datasets', 'numpy') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
