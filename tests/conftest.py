"""What all tests share: no network but loopback, a base archive, and a way to run the program."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# Machines are shared and slow at times: how long an example takes proves nothing.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

REPOSITORY = Path(__file__).parents[1]
CASES = Path(__file__).parent / "cases"
# Publishers are killed at every so manieth request; 1 for all.
EACH_KILL = int(os.environ.get("MICROFICHE_EACH_KILL", "4"))


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
def run(tmp_path: Path) -> Run:
    """Run `microfiche` with arguments; no exit code is an error here."""

    def run_program(
        *arguments: object, env: dict[str, str] | None = None, **options: object
    ) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "microfiche.cli", *map(str, arguments)]
        done = subprocess.run(  # type: ignore[call-overload]
            command,
            check=False,
            text=True,
            env=os.environ | {"HF_HUB_OFFLINE": "1"} | (env or {}),
            **{"capture_output": True, "cwd": tmp_path, "timeout": 300} | options,
        )
        assert "Traceback" not in (done.stderr or ""), done.stderr
        return done  # type: ignore[no-any-return]

    return run_program
