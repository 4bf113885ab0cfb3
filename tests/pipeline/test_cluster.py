"""Builds on a Dask cluster: a real scheduler and workers give the same bytes, also if one dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import REPOSITORY, Run
from edited import Edited, tree
from microfiche import cluster
from microfiche.cluster import cluster_engine
from microfiche.engine import silent
from microfiche.errors import CannotRun
from microfiche.library import open_archive
from microfiche.pipeline import BuildOptions

START = [sys.executable, "-m"]
QUIET: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


class Cluster:
    """A scheduler and two workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        file = folder / "scheduler.json"
        where = ["--scheduler-file", file]
        start = [*START, "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
        self.scheduler = subprocess.Popen([*start, "--no-dashboard", *where], **QUIET)
        work = [*START, "distributed.cli.dask_worker", "--nthreads", "1", "--no-nanny"]
        options = ["--no-dashboard", "--local-directory", folder]
        self.workers = [subprocess.Popen([*work, *options, *where], **QUIET) for _ in range(2)]
        deadline = time.monotonic() + 60
        while not (file.exists() and file.read_text()) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.address = f"{file.read_text().partition('tcp://')[2].partition(chr(34))[0]}"

    def stop(self) -> None:
        """End every process."""
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster for the tests of this file."""
    held = Cluster(tmp_path_factory.mktemp("cluster"))
    yield held
    held.stop()


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Edited:  # type: ignore[override]
    """An archive of captures of every kind, in many chunks."""
    monkeypatch.setattr("microfiche.captures.files.CHUNK_BYTES", 1500)
    monkeypatch.setattr("microfiche.captures.files.CHUNK_ENDS", 2)
    held = Edited(tmp_path / "archive", 3)
    for _ in range(6):
        held.add_warc()
        held.revise()
    return held


def built(archive: Edited, out: Path, **how: Any) -> dict[str, bytes]:
    """Every file of a release."""
    options = BuildOptions(out=out, date="2026-01-01", **{"cache": False, **how})
    open_archive(archive.root).build(options)
    return tree(out)


def test_the_same_bytes_as_here_also_when_a_worker_dies(
    archive: Edited, tmp_path: Path, running: Cluster
) -> None:
    """With both workers, from a cache, and with one killed while it reads."""
    wanted = built(archive, tmp_path / "here", workers=1)
    how: dict[str, Any] = {"engine": "dask", "scheduler": running.address}
    assert built(archive, tmp_path / "both", **how) == wanted
    assert built(archive, tmp_path / "kept", **how, cache=True) == wanted
    assert built(archive, tmp_path / "again", **how, cache=True) == wanted
    told = []

    def kill(stage: str, done: int, total: int) -> None:
        told.append(stage)
        if stage == "reading captures" and done == 1 and total > 4:
            os.kill(running.workers[0].pid, signal.SIGKILL)

    assert built(archive, tmp_path / "one", **how, progress=kill) == wanted
    assert running.workers[0].wait(10) == -signal.SIGKILL
    assert told[0].startswith("on 2 workers, dashboard http://")


def test_a_cluster_of_its_own(archive: Edited, tmp_path: Path, run: Run) -> None:
    """Without an address, two processes on this machine; by the command."""
    wanted = built(archive, tmp_path / "here", workers=1)
    done = run("build", archive.root, "--out", tmp_path / "own", "--date", "2026-01-01",
               "--engine", "dask", "--workers", "2", alone=True)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert tree(tmp_path / "own") == wanted
    assert "on 2 workers" in done.stderr


def test_the_job_for_slurm(archive: Edited, tmp_path: Path) -> None:
    """Its steps as written, with a `srun` that starts two of what it is told to."""
    wanted = built(archive, tmp_path / "here", workers=1)
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "srun").write_text('#!/bin/sh\n"$@" & "$@" & wait\n')
    (programs / "srun").chmod(0o755)
    own = Path(sys.executable).parent
    script = REPOSITORY / "docs" / "examples" / "slurm.sh"
    job = ["bash", script, archive.root, "--out", tmp_path / "job", "--date", "2026-01-01"]
    env = {**os.environ, "PATH": f"{programs}:{own}:{os.environ['PATH']}", "TMPDIR": str(tmp_path)}
    env["SLURM_SUBMIT_DIR"] = str(tmp_path)
    done = subprocess.run(job, env=env, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    assert tree(tmp_path / "job") == wanted
    assert not list(tmp_path.glob(".cluster-*"))


def test_a_cluster_that_cannot_be_used(
    archive: Edited, tmp_path: Path, running: Cluster, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody answers, another version, another disk: each is said, with what to do."""
    monkeypatch.setattr(cluster, "PATIENCE", 2)
    nobody = run("build", archive.root, "--engine", "dask", "--scheduler", "tcp://127.0.0.1:9")
    assert nobody.returncode == 4
    assert "no scheduler with workers answers" in nobody.stderr
    assert "Traceback" not in nobody.stderr
    assert run("build", archive.root, "--scheduler", "tcp://127.0.0.1:9").returncode == 2
    assert run("build", archive.root, "--engine", "spark").returncode == 2
    with monkeypatch.context() as missing:
        missing.setitem(sys.modules, "distributed", None)
        bare = run("build", archive.root, "--engine", "dask")
    assert bare.returncode == 2
    assert "pip install 'microfiche[dask]'" in bare.stderr

    def use(who: Any) -> None:
        with cluster_engine(1, running.address, tmp_path, who, silent):
            pass

    with pytest.raises(CannotRun, match="has another version"):
        use(os.getpid)  # which every process answers otherwise
    with pytest.raises(CannotRun, match="a worker cannot run microfiche"):
        use(os.getpgid)
    monkeypatch.setattr(Path, "touch", lambda *_: None)  # as if it were on another's disk
    with pytest.raises(CannotRun, match="does not see"):
        use(sys.getdefaultencoding)
