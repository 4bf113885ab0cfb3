"""Runs actions and workflows as their hosts do: each step as written, with what it is handed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

BIN = Path(sys.executable).parent
REPOSITORY = Path(__file__).parents[2]
ACTION = yaml.safe_load((REPOSITORY / "action.yml").read_text("utf-8"))


def bash(script: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a script as the action's runner does, with the installed program first on the path."""
    env = {"PATH": f"{BIN}:{os.environ['PATH']}", "HF_HUB_OFFLINE": "1"} | env
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env=os.environ | env,
        capture_output=True,
        text=True,
        check=False,
    )


class Runner:
    """Runs the steps of an action or a workflow as written, as their own runner would.

    Those of others (`uses`) are passed over, and unless it `installs` those that fetch packages.
    """

    def __init__(self, folder: Path, *, installs: bool = False, **values: str) -> None:
        self.folder, self.installs, self.values = folder, installs, dict(values)
        self.temp = folder.parent / f"{folder.name}-temp"
        self.temp.mkdir()
        self.output, self.summary = self.temp / "output", self.temp / "summary"

    def run(self, steps: list[dict[str, Any]], **env: str) -> subprocess.CompletedProcess[str]:
        """The first step that fails, else the last."""
        done = subprocess.CompletedProcess([], 0, "", "")
        for step in steps:
            if "uses" in step or ("pip install" in step["run"] and not self.installs):
                continue
            assert "${{" not in step["run"], "values reach scripts through env only"
            own = {name: self.expanded(value) for name, value in step.get("env", {}).items()}
            places = {"OUTPUT": self.output, "STEP_SUMMARY": self.summary}
            github = {f"GITHUB_{name}": str(place) for name, place in places.items()}
            given = {"ACCESS": "full", **env, "RUNNER_TEMP": str(self.temp)}
            done = bash(step["run"], self.folder, **(given | github | own))
            if done.returncode:
                return done
            if "id" in step:
                for line in self.output.read_text("utf-8").splitlines():
                    name, _, value = line.partition("=")
                    self.values[f"steps.{step['id']}.outputs.{name}"] = value
        return done

    def expanded(self, value: str) -> str:
        """A value with what its expressions stand for."""
        return re.sub(r"\$\{\{ (.+?) \}\}", lambda match: self.values[match[1]], value)


def action_inputs(archive: Path, **given: str) -> dict[str, str]:
    """The inputs of the action, by default as it says."""
    named = {name.replace("_", "-"): value for name, value in given.items()}
    defaults = {name: str(each["default"]) for name, each in ACTION["inputs"].items()}
    stated = defaults | {"archive": str(archive)} | named
    return {f"inputs.{name}": value for name, value in stated.items()}
