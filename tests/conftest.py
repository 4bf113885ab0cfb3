"""What all tests share: no network but loopback, a base archive, and a way to run the program."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from microfiche.cli import main
from program import Program

# Machines are shared and slow at times: how long an example takes proves nothing.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

REPOSITORY = Path(__file__).parents[1]
CASES = Path(__file__).parent / "cases"
# At how many of its steps a publisher is killed; 1000 for all.
KILLS = int(os.environ.get("MICROFICHE_KILLS", "5"))


def moments(first: int, last: int) -> list[int]:
    """Steps at which a publisher is killed, from the first to the last, which is among them."""
    return [*range(first, last, max(1, (last - first) // KILLS)), last]


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Refuse every connection that leaves the machine, and keep caches out of the home folder."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("MICROFICHE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A copy of the base archive: one good text capture of one outlet."""
    root = tmp_path / "archive"
    shutil.copytree(CASES / "base", root)
    return root


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `microfiche` with arguments; no exit code is an error here.

    In this process, which spares the second that a program takes to start; in one of its own with
    `alone` or an environment, and in one that starts from nothing with options of `subprocess.run`.
    """

    def run_program(
        *arguments: object,
        env: dict[str, str] | None = None,
        cwd: Path = tmp_path,
        alone: bool = False,
        **options: object,
    ) -> subprocess.CompletedProcess[str]:
        words = list(map(str, arguments))
        whole = os.environ | (env or {})
        if options:
            done = run_anew(words, whole, {"cwd": cwd, **options})
        elif alone or env:
            done = Program(*words, env=whole, cwd=cwd).start().done()
        else:
            with monkeypatch.context() as patched:
                patched.setattr(sys, "argv", ["microfiche", *words])
                patched.chdir(cwd)
                done = run_here(words)
        assert "Traceback" not in (done.stderr or ""), done.stderr
        return done

    return run_program


def run_anew(
    words: list[str], env: dict[str, str], options: dict[str, object]
) -> subprocess.CompletedProcess[str]:
    """Run `microfiche` in a process that starts from nothing."""
    done: subprocess.CompletedProcess[str] = subprocess.run(  # type: ignore[call-overload]
        [sys.executable, "-m", "microfiche.cli", *words],
        **{"check": False, "text": True, "env": env, "capture_output": True, "timeout": 300}
        | options,
    )
    return done


def run_here(words: list[str]) -> subprocess.CompletedProcess[str]:
    """Run `microfiche` in this process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="\n") for _ in range(2))
    code: object = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as stopped:
            code = stopped.code or 0
    texts = []
    for stream in (out, err):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())  # type: ignore[attr-defined]
    return subprocess.CompletedProcess(words, int(str(code)), *texts)
