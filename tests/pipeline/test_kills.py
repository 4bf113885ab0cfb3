"""SIGKILL at random moments of what writes: nothing is lost, and the next run completes.

MICROFICHE_KILLS says how often each command is killed.
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import KILLS
from microfiche.library import open_archive
from program import Program
from writers import COMMANDS, check_nothing_is_lost, kept, prepare, serving


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The address of a page."""
    with serving() as address:
        yield address


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with a release and captures that are not in it, and files to add."""
    return prepare(tmp_path_factory.mktemp("prepared"))


def run(command: str, at: Path, site: str, after: float | None = None) -> tuple[float, int]:
    """Run a command, and kill it after so many seconds; how long it took and how it ended."""
    started = time.monotonic()
    program = Program(*COMMANDS[command].words(at, site), cwd=at).start()
    if after is not None:
        time.sleep(after)
        program.process.kill()
    done = program.done()
    assert "Traceback" not in done.stderr, done.stderr
    return time.monotonic() - started, done.returncode


@pytest.mark.parametrize("command", COMMANDS)
def test_killed_at_random_moments(command: str, prepared: Path, site: str, tmp_path: Path) -> None:
    """What was there is there, whole; the next run ends as if there had been no kill."""
    place, took = tmp_path / "at", 0.0
    for _ in range(2):  # the first one has the modules loaded
        at = shutil.copytree(prepared, place)
        took, code = run(command, at, site)
        assert code == 0
        wanted, before = kept(at), kept(prepared)
        shutil.rmtree(at)
    assert wanted != before
    n_captures = open_archive(prepared / "a").validate().n_captures
    rng, killed = random.Random(command), 0
    for _ in range(KILLS):
        at = shutil.copytree(prepared, place)
        _, ended = run(command, at, site, rng.uniform(0, took))
        killed += ended == -9
        if COMMANDS[command].timed:
            check_nothing_is_lost(at, before, {})
            assert run(command, at, site)[1] == 0
            check_nothing_is_lost(at, before, {})
            assert open_archive(at / "a").validate().n_captures >= n_captures + 2
        else:
            check_nothing_is_lost(at, before, wanted)
            run(command, at, site)
            assert kept(at) == wanted
            assert not list(at.rglob(".*.part"))
        shutil.rmtree(at)
    assert killed > KILLS // 4, "the program had ended before"
