"""What continuous integration reads, by its own tools: SARIF, JUnit, workflows, hooks.

Runs in the environment of the tools: the builder's `microfiche` is first on the path.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from junitparser import JUnitXml
from sarif.loader import load_sarif_file

REPOSITORY, WORK, MULTITOOL = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
CASES = REPOSITORY / "tests" / "cases"
HERE = Path(sys.executable).parent
# Faults in TOML, JSONL, lists and CSV, with the lines at which they stand, counted by hand.
FAULTY = (
    "invalid/MF201_unknown_role",
    "invalid/MF307_broken_line",
    "invalid/MF301_empty_file",
    "invalid/MF309_unknown_key",
    "warning/MF108_expected_nowhere",
    "warning/MF111_placeholder",
)
LINES = {
    ("MF201", "other.toml"): 6,
    ("MF307", "r.jsonl"): 2,
    ("MF309", "a.txt.toml"): 2,
    ("MF111", "CARD.md"): 3,
    ("MF108", "list.txt"): 3,
    ("MF108", "table.csv"): 4,
}


def run(*words: object, good: bool = True, **options: object) -> str:
    """What a program says; it has to end well, unless it is known to end with findings."""
    done = subprocess.run(
        [*map(str, words)], capture_output=True, text=True, check=False, **options
    )  # type: ignore[call-overload]
    if (done.returncode == 0) != good:
        sys.exit(f"{words}: {done.returncode}\n{done.stdout}{done.stderr}")
    return str(done.stdout)


def archive(name: str, *cases: str) -> Path:
    """The base archive with the faults of some cases."""
    root = WORK / name
    shutil.copytree(CASES / "base", root)
    for case in cases:
        shutil.copytree(CASES / case, root, dirs_exist_ok=True)
    return root


def sarif(root: Path) -> None:
    """SARIF 2.1.0 by the standard's own validator, and read back by a reader of it."""
    log = WORK / "findings.sarif"
    log.write_text(
        run("microfiche", "validate", root.name, "--format", "sarif", good=False, cwd=WORK)
    )
    env = os.environ | {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
    report = WORK / "validated.sarif"
    run(MULTITOOL, "validate", log, "--output", report, "--log", "ForceOverwrite", env=env)
    wrong = json.loads(report.read_text())["runs"][0]["results"]
    errors = [each for each in wrong if each.get("level", "warning") == "error"]
    if errors:
        sys.exit(f"SARIF: {json.dumps(errors[:3], indent=1)}")
    read = load_sarif_file(str(log)).get_records()
    lines = {
        (each["Code"].split()[0], Path(each["Location"]).name): int(each["Line"]) for each in read
    }
    if not LINES.items() <= lines.items():
        sys.exit(f"SARIF: lines are {lines}")
    stated = json.loads(run("microfiche", "validate", root, "--format", "json", good=False))
    if len(read) != len(stated):
        sys.exit(f"SARIF: {len(read)} records of {len(stated)} findings")


def junit(root: Path) -> None:
    """JUnit as its readers count it."""
    file = WORK / "findings.xml"
    file.write_text(run("microfiche", "validate", root, "--format", "junit", good=False))
    (suite,) = JUnitXml.fromfile(str(file))
    failed = sum(bool(case.result) and not case.is_passed for case in suite)
    if not failed or suite.failures != failed or suite.tests != len(list(suite)):
        sys.exit(f"JUnit: {suite.tests} tests, {suite.failures} failures, {failed} found")


def workflows() -> None:
    """The action, and the workflows that `init` writes, against the schemas of their hosts."""
    ours = REPOSITORY / "builder" / "microfiche" / "curation" / "ci"
    for schema, file in (
        ("github-actions", REPOSITORY / "action.yml"),
        ("github-workflows", ours / "github.yml"),
        ("gitlab-ci", ours / "gitlab.yml"),
    ):
        run(HERE / "check-jsonschema", "--builtin-schema", f"vendor.{schema}", file)


def hooks() -> None:
    """The hook as pre-commit reads it, and as the documentation has one run it."""
    run(HERE / "pre-commit", "validate-manifest", REPOSITORY / ".pre-commit-hooks.yaml")
    page = (REPOSITORY / "docs" / "ci.md").read_text("utf-8")
    example = page.partition("repo: local")[2]
    example = "repos:\n  - repo: local" + example.partition("```")[0]
    repository = WORK / "repository"
    root = repository / "press"
    repository.mkdir()
    run("git", "init", "--quiet", repository)
    (repository / ".pre-commit-config.yaml").write_text(example)
    shutil.copytree(CASES / "base", root)
    for good in (True, False):
        run("git", "add", "-A", cwd=repository)
        told = run(HERE / "pre-commit", "run", "--all-files", cwd=repository, good=good)
        if ("Passed" in told) != good:
            sys.exit(f"pre-commit: {told}")
        (root / "raw" / "captures" / "empty.txt").write_text("")


shutil.rmtree(WORK, ignore_errors=True)
WORK.mkdir(parents=True)
faulty = archive("faulty", *FAULTY)
TABLE = 'url,note\nhttps://courier.example/9,"two\nlines"\nftp://x.example/1,\n'
(faulty / "raw" / "expected" / "table.csv").write_text(TABLE)
sarif(faulty)
junit(faulty)
workflows()
hooks()
print("SARIF 2.1.0, JUnit, action, workflows, hook")
