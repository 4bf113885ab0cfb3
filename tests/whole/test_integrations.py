"""What other tools call: the pre-commit hook and the CI action, run by hand step by step."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from conftest import CASES, REPOSITORY, Run
from microfiche.about import VERSION
from microfiche.curation.starting import WORKFLOWS, workflow
from small import add_lines, record
from workflow import ACTION, BIN, Runner, action_inputs, bash


def test_the_hook_validates_the_repository_it_runs_in(archive: Path) -> None:
    """Good archives pass, bad ones stop the commit; other files do not start it."""
    (hook,) = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert bash(shlex.join(hook["entry"].split()), archive).returncode == 0
    (archive / "raw" / "captures" / "empty.txt").write_text("")
    done = bash(hook["entry"], archive)
    assert done.returncode == 3
    assert "empty.txt" in done.stdout
    for path in ("raw/captures/x.txt", "press/raw/x.toml", "DATASHEET.md", "press/DATASHEET.md"):
        assert re.search(hook["files"], path)
    for path in ("src/x.py", "draw/x.txt", "press/DATASHEET.md.old"):
        assert not re.search(hook["files"], path)


def test_the_action_builds_and_verifies(archive: Path) -> None:
    """Each step but the installation, with the inputs and outputs that its runner would pass."""
    steps = ACTION["runs"]["steps"]
    assert "pip install" in steps[0]["run"]
    assert all(each["description"] for each in ACTION["inputs"].values())
    stated = set(re.findall(r"inputs\.[\w-]+", str(ACTION)))
    assert stated == {f"inputs.{name}" for name in ACTION["inputs"]}
    runner = Runner(archive.parent, **action_inputs(archive, date="2026-01-02"))
    done = runner.run(steps)
    assert done.returncode == 0, done.stderr
    outputs = {name: runner.expanded(each["value"]) for name, each in ACTION["outputs"].items()}
    assert (Path(outputs["release"]) / "release.json").is_file()
    assert outputs["version"] == "1.0.0"
    assert outputs["unchanged"] == "false"
    assert outputs["fingerprint"].startswith("mf1:")
    again = Runner(archive, **action_inputs(archive))
    assert again.run(steps).returncode == 0
    assert again.values["steps.build.outputs.unchanged"] == "true"
    assert [each.name for each in (archive / "dist" / "case").iterdir()] == ["1.0.0"]


@pytest.mark.parametrize(
    ("case", "fail_on", "code"),
    [
        ("warning/MF104_draft", "error", 0),
        ("warning/MF104_draft", "warning", 3),
        ("warning/MF104_draft", "MF301,MF104", 3),
        ("invalid/MF301_empty_file", "error", 3),
        ("invalid/MF201_unknown_role", "error", 3),
    ],
)
def test_the_action_fails_where_it_is_told_to(
    archive: Path, case: str, fail_on: str, code: int
) -> None:
    """On an archive with a warning as asked, on one with an error before anything is built."""
    shutil.copytree(CASES / case, archive, dirs_exist_ok=True)
    done = Runner(archive, **action_inputs(archive, fail_on=fail_on)).run(ACTION["runs"]["steps"])
    assert done.returncode == code, done.stderr
    assert (archive / "dist").exists() == (code == 0)
    if code:
        assert re.search(r"^::(error|warning) file=", done.stdout, re.MULTILINE)


def scaffold(archive: Path, name: str) -> list[dict[str, Any]]:
    """The steps of a job of the workflow that `init` writes."""
    file = archive / WORKFLOWS["github"]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(workflow("github"))
    document = yaml.safe_load(file.read_text("utf-8"))
    assert document["env"]["MICROFICHE"] == f"microfiche=={VERSION}"
    assert "vars.MICROFICHE_ACCESS" in document["env"]["ACCESS"]
    steps: list[dict[str, Any]] = document["jobs"][name]["steps"]
    pinned = re.compile(r"[\w-]+/[\w-]+@[0-9a-f]{40}")
    assert all(pinned.fullmatch(step["uses"]) for step in steps if "uses" in step)
    return steps


PULL = {"github.token": "secret", "github.repository": "o/r", "github.event.number": "7"}
# The client of GitHub cannot be asked here: what it would be told is kept.
GH = """#!/bin/sh
echo "$@" > "$RUNNER_TEMP/asked"
for last; do true; done
cat "$last" > "$RUNNER_TEMP/comment"
"""


def with_gh(runner: Runner) -> dict[str, str]:
    """The environment in which `gh` only notes what it is asked."""
    program = runner.temp / "bin" / "gh"
    program.parent.mkdir()
    program.write_text(GH)
    program.chmod(0o755)
    return {"PATH": f"{program.parent}:{BIN}:{os.environ['PATH']}"}


def test_the_workflow_says_what_a_pull_request_changes(archive: Path) -> None:
    """The first release, then the changes with the version that follows, then nothing."""
    steps = scaffold(archive, "check")
    told = []
    for number in range(3):
        if number == 1:
            add_lines(archive, "more.jsonl", record(9))
        runner = Runner(archive, **PULL)
        done = runner.run(steps, **with_gh(runner))
        assert done.returncode == 0, done.stderr
        assert "pr comment 7 --edit-last" in (runner.temp / "asked").read_text()
        told.append((runner.temp / "comment").read_text())
        assert told[-1] == runner.summary.read_text()
        shutil.rmtree(runner.temp)
    assert told[0] == "The first release would be version 1.0.0.\n"
    assert "1.1.0" in told[1]
    assert all(line.startswith("    ") for line in told[1].splitlines()), "no mention, no link"
    assert "    added courier:" in told[1]
    assert told[2] == "Nothing changes: version 1.1.0 stays.\n"


def test_the_workflow_stops_at_errors(archive: Path) -> None:
    """With a command for the line at fault, and without a build."""
    shutil.copytree(CASES / "invalid" / "MF309_unknown_key", archive, dirs_exist_ok=True)
    runner = Runner(archive, **PULL)
    done = runner.run(scaffold(archive, "check"))
    assert done.returncode == 3
    assert "::error file=raw/captures/a.txt.toml,line=2,title=MF309::" in done.stdout
    assert not (archive / "dist").exists()


def test_the_workflow_publishes_what_its_tag_names(archive: Path, tmp_path: Path) -> None:
    """To the target of the repository; another version than the tag's is refused."""
    steps = scaffold(archive, "publish")
    shelf = tmp_path / "shelf"
    values = {"vars.MICROFICHE_TARGET": f"file://{shelf}", "secrets.HF_TOKEN": ""}
    refused = Runner(archive, **values).run(steps, GITHUB_REF_NAME="v2.0.0")
    assert refused.returncode == 1
    assert "::error::the archive gives version 1.0.0, the tag says v2.0.0" in refused.stdout
    shutil.rmtree(archive.parent / "archive-temp")
    runner = Runner(archive, **values)
    done = runner.run(steps, GITHUB_REF_NAME="v1.0.0")
    assert done.returncode == 0, done.stderr
    assert (shelf / "case" / "1.0.0" / "release.json").is_file()
    attested = next(step for step in steps if "attest" in step.get("uses", ""))
    assert Path(archive, runner.expanded(attested["with"]["subject-path"])).is_file()


@pytest.mark.parametrize(("case", "code"), [(None, 0), ("invalid/MF301_empty_file", 3)])
def test_the_pipeline_of_gitlab(archive: Path, case: str | None, code: int) -> None:
    """Each line of its scripts, on a good archive and on one with an error."""
    if case:
        shutil.copytree(CASES / case, archive, dirs_exist_ok=True)
    document = yaml.safe_load(workflow("gitlab"))
    assert document["default"]["before_script"] == [
        f'python -I -m pip install "microfiche=={VERSION}"'
    ]
    done = bash("\n".join(document["validate"]["script"]), archive)
    assert done.returncode == code, done.stderr
    report = ET.parse(archive / document["validate"]["artifacts"]["reports"]["junit"])  # noqa: S314
    assert len(report.findall(".//failure[@type='error']")) == (1 if case else 0)
    if case is None:
        script = "\n".join(document["publish"]["script"])
        assert bash(script, archive, CI_COMMIT_TAG="v9.0.0").returncode == 1
        assert bash(script, archive, CI_COMMIT_TAG="v1.0.0").returncode == 0


def test_init_writes_a_workflow_for_its_host(tmp_path: Path, run: Run) -> None:
    """For GitHub, for GitLab or for none; what is there stays."""
    for host, files in (("github", ["github"]), ("gitlab", ["gitlab"]), ("none", [])):
        root = tmp_path / host
        assert run("init", root, "--name", "x", "--title", "X", "--ci", host).returncode == 0
        there = [each for each, path in WORKFLOWS.items() if (root / path).exists()]
        assert there == files
    kept = tmp_path / "kept" / WORKFLOWS["github"]
    kept.parent.mkdir(parents=True)
    kept.write_text("mine")
    assert run("init", tmp_path / "kept", "--name", "x", "--title", "X").returncode == 0
    assert kept.read_text() == "mine"
    done = run("init", tmp_path / "odd", "--name", "x", "--title", "X", "--ci", "travis")
    assert done.returncode == 2
