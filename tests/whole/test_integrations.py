"""What other tools call: the pre-commit hook and the CI action, run by hand step by step."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import yaml

from conftest import REPOSITORY

BIN = Path(sys.executable).parent


def bash(script: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a script as the action's runner does, with the installed program first on the path."""
    path = f"{BIN}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env=os.environ | {"PATH": path, "HF_HUB_OFFLINE": "1"} | env,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_hook_validates_the_repository_it_runs_in(archive: Path) -> None:
    """Good archives pass, bad ones stop the commit; other files do not start it."""
    (hook,) = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert bash(shlex.join(hook["entry"].split()), archive).returncode == 0
    (archive / "raw" / "captures" / "empty.txt").write_text("")
    done = bash(hook["entry"], archive)
    assert done.returncode == 3
    assert "empty.txt" in done.stdout
    assert re.search(hook["files"], "raw/captures/x.txt")
    assert not re.search(hook["files"], "src/x.py")


def test_the_action_builds_and_verifies(archive: Path, tmp_path: Path) -> None:
    """Each step but the installation, with the inputs and outputs that its runner would pass."""
    action = yaml.safe_load((REPOSITORY / "action.yml").read_text("utf-8"))
    values = {"inputs.archive": str(archive), "inputs.out": "out", "inputs.date": "2026-01-02"}
    output = tmp_path / "output"
    install, *steps = action["runs"]["steps"]
    assert "pip install" in install["run"]
    for step in steps:
        assert "${{" not in step["run"], "values reach scripts through env only"
        env = {
            name: values[re.fullmatch(r"\$\{\{ (.+) \}\}", value)[1]]  # type: ignore[index]
            for name, value in step["env"].items()
        }
        done = bash(step["run"], tmp_path, GITHUB_OUTPUT=str(output), **env)
        assert done.returncode == 0, done.stderr
        if output.exists():
            release = output.read_text("utf-8").strip().removeprefix("release=")
            values["steps.build.outputs.release"] = release
    assert (tmp_path / release / "release.json").is_file()
    assert set(re.findall(r"inputs\.\w+", str(action))) <= {
        f"inputs.{name}" for name in action["inputs"]
    }
