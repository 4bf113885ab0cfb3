"""The edge of the program: streams, arguments, interrupts, start-up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import Run
from hosts import capture
from small import add_lines, record, write


def test_standard_output_that_is_closed_or_ascii(archive: Path, run: Run) -> None:
    """Closed: exit 4. ASCII only: characters are escaped."""
    command = f"{sys.executable} -m microfiche.cli validate {archive} >&-"
    closed = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert closed.returncode == 4
    assert "standard output" in closed.stderr
    shown = run("show", "gazette", env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
    assert shown.returncode == 0


def test_arguments_that_are_no_utf_8(archive: Path, run: Run) -> None:
    """A usage error, before anything is read."""
    assert run("build", archive, "--out", os.fsdecode(b"o\xff")).returncode == 2


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_twice(archive: Path, workers: int) -> None:
    """A build ends soon after Ctrl-C, however often it is pressed, without a traceback."""
    add_lines(archive, "many.jsonl", *(capture(n, outlet_id="courier") for n in range(60_000)))
    command = [sys.executable, "-m", "microfiche.cli", "build", archive, "--workers", str(workers)]
    build = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    while not list((archive / "dist").glob(".tmp-*/work")) and build.poll() is None:
        time.sleep(0.01)
    time.sleep(0.5)
    for _ in range(2):
        os.killpg(build.pid, signal.SIGINT)
        time.sleep(0.2)
    _, errors = build.communicate(timeout=30)
    assert build.returncode == 130
    assert b"Traceback" not in errors


def test_standard_output_on_a_full_disk(archive: Path, run: Run) -> None:
    """Findings that cannot be written are an error of their own: exit 4."""
    with Path("/dev/full").open("w") as full:
        done = run("validate", archive, capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 4
    assert "No space left" in done.stderr


def test_a_closed_pipe_and_a_missing_file_are_no_faults_of_a_disk(run: Run, tmp_path: Path) -> None:
    """Whoever reads has seen enough; a path that leads nowhere is to be corrected."""
    program = f"{sys.executable} -m microfiche.cli"
    done = subprocess.run(
        ["bash", "-c", f"{program} show gazette | head -1"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    archive = write(tmp_path / "a", [record(1)])
    missing = run("add", tmp_path / "nosuch.txt", "--archive", archive)
    assert "nosuch.txt: no such file or folder; correct the path" in missing.stderr


HEAVY = ("pyarrow", "datasets", "pandas", "numpy", "jsonschema", "jsonschema_rs", "rich", "re2")


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
