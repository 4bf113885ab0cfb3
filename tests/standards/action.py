"""The action from its first step to its last, the installation too, in an environment of its own.

On an archive that is good, on one with a warning that is to end it, and on one with an error.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "builders"))

from workflow import ACTION, REPOSITORY, Runner, action_inputs

WORK, CASES = Path(sys.argv[1]), REPOSITORY / "tests" / "cases"
ENDS = (
    ("good", None, "error", 0),
    ("warned", "warning/MF104_draft", "error", 0),
    ("refused", "warning/MF104_draft", "warning", 3),
    ("wrong", "invalid/MF301_empty_file", "error", 3),
)

shutil.rmtree(WORK, ignore_errors=True)
environment = WORK / "environment"
subprocess.run([sys.executable, "-m", "venv", environment], check=True)
path = {"PATH": f"{environment / 'bin'}:{os.environ['PATH']}"}
install, *rest = ACTION["runs"]["steps"]
for number, (name, case, fail_on, expected) in enumerate(ENDS):
    root = WORK / name
    shutil.copytree(CASES / "base", root)
    if case:
        shutil.copytree(CASES / case, root, dirs_exist_ok=True)
    values = action_inputs(root, fail_on=fail_on, date="2026-01-02")
    runner = Runner(root, installs=True, **values, **{"github.action_path": str(REPOSITORY)})
    done = runner.run([install, *rest] if number == 0 else rest, **path)
    if done.returncode != expected:
        sys.exit(f"{name}: {done.returncode}, not {expected}\n{done.stdout}{done.stderr}")
    if (root / "dist").exists() != (expected == 0):
        sys.exit(f"{name}: built or not against what it was told")
print("good, warned, refused, wrong: each with its end")
