"""Documentation is part of the program: what it names exists, what it shows runs."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

import microfiche
from conftest import REPOSITORY
from microfiche.cli import app
from microfiche.finding import CODES

DOCS = REPOSITORY / "docs"
PAGES = [
    *(REPOSITORY / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")),
    *sorted(DOCS.glob("*.md")),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_relative_links_resolve(page: Path) -> None:
    """No link leads nowhere."""
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_every_command_and_option_is_documented() -> None:
    """docs/cli.md names each command with each of its options."""
    text = (DOCS / "cli.md").read_text("utf-8")
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        assert f"microfiche {name}" in text, name
        for parameter in command.params:
            for option in parameter.opts:
                if option.startswith("--") and option != "--help":
                    assert option in text, f"{name} {option}"


def test_every_code_is_documented_in_its_words() -> None:
    """docs/findings.md has a line for each code with what the code's table says."""
    lines = (DOCS / "findings.md").read_text("utf-8").splitlines()
    for code, rule in CODES.items():
        found = [line for line in lines if line.startswith(f"| `{code}` |")]
        assert len(found) == 1, f"{code} has {len(found)} lines in docs/findings.md"
        line = found[0]
        assert rule.severity in line
        assert rule.summary in line
        assert rule.remedy in line


def test_sources_of_rules_exist() -> None:
    """A rule that names a page or a schema names one that is there."""
    for code, rule in CODES.items():
        if rule.source.startswith(("docs/", "schema/")):
            assert (REPOSITORY / rule.source).exists(), code


def blocks(page: Path, language: str) -> list[str]:
    """Code blocks of a page in one language."""
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```", page.read_text("utf-8"))


def run_readme(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the shell blocks of the README in order. make and pip are CI's own."""
    script = "\n".join(block for block in blocks(REPOSITORY / "README.md", "sh"))
    lines = [line for line in script.splitlines() if not line.startswith(("make ", "pip install"))]
    env = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(folder)}
    return subprocess.run(
        ["bash", "-e", "-c", "\n".join(lines)],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def test_readme_commands_and_library_examples_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In an empty folder: the README's commands, then the Python of two pages beside them."""
    done = run_readme(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "the release holds" in done.stdout
    monkeypatch.chdir(tmp_path)
    scope: dict[str, object] = {}
    for page in ("library.md", "loading.md"):
        for block in blocks(DOCS / page, "python"):
            exec(compile(block, f"docs/{page}", "exec"), scope)  # noqa: S102 - our own pages


def test_the_architecture_names_every_room_and_what_is_there() -> None:
    """Each room has its paragraph, and each path that the page names exists."""
    page = (DOCS / "architecture.md").read_text("utf-8")
    package = REPOSITORY / "builder" / "microfiche"
    rooms = {path.name for path in package.iterdir() if (path / "__init__.py").exists()}
    told = set(re.findall(r"^### ([a-z]+)$", page, re.MULTILINE))
    assert told == (rooms | {"library"}) - {"dates"}
    ground = page.partition("### The ground")[2].partition("## ")[0]
    for path in package.glob("*.py"):
        if path.stem not in ("__init__", "library"):
            assert f"`{path.name}`" in ground, path
    for path in re.findall(r"`((?:builder|tests|schema|docs|benchmarks)/[^`\s]*)`", page):
        assert (REPOSITORY / path).exists(), path
    for path in re.findall(r"`((?!benchmarks)[a-z]+/[a-z_]+\.py)`", page):
        assert (package / path).exists(), path


def test_the_architecture_tells_the_order_that_is_checked() -> None:
    """The page's list is that of the contract."""
    page = (DOCS / "architecture.md").read_text("utf-8")
    (line,) = [line for line in page.splitlines() if line.startswith("One order of imports")]
    layers = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
    contract = layers["tool"]["importlinter"]["contracts"][0]["layers"]
    assert re.findall(r"`([a-z]+)`", line.partition(": ")[2].partition(". It")[0]) == contract


def test_versions_agree() -> None:
    """The package, its metadata and its citation say one version."""
    pyproject = (REPOSITORY / "pyproject.toml").read_text("utf-8")
    citation = (REPOSITORY / "CITATION.cff").read_text("utf-8")
    assert f'version = "{microfiche.__version__}"' in pyproject
    assert f"version: {microfiche.__version__}" in citation


def test_changelog_speaks_of_data_first() -> None:
    """What changed for somebody who loads a release stands first."""
    text = (REPOSITORY / "CHANGELOG.md").read_text("utf-8")
    assert text.index("### Data") < text.index("### Builder")
