"""The program in processes of its own, forked from one that has its modules loaded.

A process that starts from nothing takes a second to import them, and the tests start thousands.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from microfiche.cli import main

FORKS = multiprocessing.get_context("forkserver")
# What reads its settings from the environment as it is imported (datasets, huggingface_hub) is not
# among these.
FORKS.set_forkserver_preload(
    [
        "microfiche.pipeline.build",
        "microfiche.curation.exports",
        "microfiche.curation.harvest",
        "microfiche.verify",
        "microfiche.distribute.publishing",
        "microfiche.cli",
        "pandas",
        "s3fs",
        "program",
    ]
)


class Program:
    """A run of `microfiche` in a process of its own."""

    def __init__(
        self,
        *arguments: object,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        before: Callable[[], None] | None = None,
    ) -> None:
        """`before` is called there, before the program is."""
        self.words = list(map(str, arguments))
        self.files = [Path(tempfile.mkstemp()[1]) for _ in ("stdout", "stderr")]
        self.ended = threading.Event()
        environment = dict(os.environ if env is None else env)
        self.process = FORKS.Process(
            target=_run, args=(self.words, environment, str(cwd or Path.cwd()), self.files, before)
        )

    def start(self) -> Program:
        """Let it run."""
        self.process.start()
        return self

    def kill(self) -> None:
        """End it with SIGKILL, by another thread than the one that waits for what it has `done`."""
        self.process.kill()
        self.ended.wait()

    @property
    def was_killed(self) -> bool:
        """Whether it was ended so."""
        return self.process.exitcode == -9

    def done(self, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """What it said, and its exit code, at its end."""
        self.process.join(timeout)
        code = self.process.exitcode
        self.ended.set()
        if code is None:
            self.process.kill()
            raise subprocess.TimeoutExpired(self.words, timeout)
        said = [file.read_text("utf-8", "backslashreplace") for file in self.files]
        for file in self.files:
            file.unlink()
        return subprocess.CompletedProcess(self.words, code, *said)


def _run(
    words: list[str],
    env: dict[str, str],
    cwd: str,
    files: list[Path],
    before: Callable[[], None] | None,
) -> None:
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    for number, file in enumerate(files, start=1):
        os.dup2(os.open(file, os.O_WRONLY), number)
    sys.argv = ["microfiche", *words]
    if before:
        before()
    main()
