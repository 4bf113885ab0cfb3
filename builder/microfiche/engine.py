"""Runs the stages' functions on an executor. The engine only schedules: it never changes a byte.

Tasks are submitted a few at a time and results come back in the order of the tasks, so memory is
bounded by the tasks in flight and nothing depends on which finished first.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import multiprocessing
import os
import secrets
import shutil
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from importlib.abc import MetaPathFinder
from itertools import islice
from pathlib import Path
from typing import TypeVar

from microfiche.errors import WorkerLost

Task = TypeVar("Task")
Result = TypeVar("Result")
IN_FLIGHT_PER_WORKER = 2
ORPHAN_CHECK_SECONDS = 0.2


class InProcess(Executor):
    """Runs each task at once, in this process."""

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]
        """Run and wrap the result."""
        future: Future[object] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - handed to whoever asks for the result
            future.set_exception(error)
        return future


Progress = Callable[[str, int, int], None]


def silent(stage: str, done: int, total: int) -> None:
    """A progress report that nobody reads."""


class Engine:
    """What gives an executor once there is work, its number of workers, who is told of progress."""

    def __init__(
        self,
        start: Callable[[], Executor],
        workers: int,
        progress: Progress = silent,
        lost: tuple[type[BaseException], ...] = (BrokenProcessPool,),
    ) -> None:
        self.start = start
        self.workers = workers
        self.progress = progress
        self.lost = lost

    def begin(self) -> None:
        """Start the executor, before this process has threads, which do not fork well."""
        self.executor  # noqa: B018 - made when it is first asked for

    @functools.cached_property
    def executor(self) -> Executor:
        """The executor, started when it is first asked for."""
        return self.start()

    def run(
        self, stage: str, function: Callable[[Task], Result], tasks: Sequence[Task]
    ) -> Iterator[Result]:
        """Results of `function` over `tasks`, in order. Raises what a task raised, or CannotRun."""
        window: deque[Future[Result]] = deque()
        waiting = iter(tasks)
        self.progress(stage, 0, len(tasks))
        try:
            for done in range(1, len(tasks) + 1):
                room = self.workers * IN_FLIGHT_PER_WORKER - len(window)
                window.extend(
                    self.executor.submit(_do, stage, function, task)
                    for task in islice(waiting, room)
                )
                yield window.popleft().result()
                self.progress(stage, done, len(tasks))
        except self.lost as error:
            raise WorkerLost(
                "a worker process was killed", "give it more memory, or --workers 1"
            ) from error
        finally:
            for future in window:
                future.cancel()


@contextlib.contextmanager
def whole(folder: Path) -> Iterator[Path]:
    """A folder to fill, which becomes `folder` once it is whole. Raises OSError.

    Another process may do the same task, where one was thought to be lost: the first has it.
    """
    own = folder.with_name(f"{folder.name}.{secrets.token_hex(6)}")
    own.mkdir()
    yield own
    try:
        own.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
        shutil.rmtree(own, ignore_errors=True)


def _do(stage: str, function: Callable[[Task], Result], task: Task) -> Result:
    _begin(stage)
    return function(task)


@functools.lru_cache(maxsize=1)
def _begin(_stage: str) -> None:
    """Before a stage, once a process: return to the system what the stage before left free.

    The C library keeps what small objects were in.
    """
    import ctypes

    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # GNU's has it
    if trim:
        trim(0)


@contextlib.contextmanager
def local_engine(workers: int, progress: Progress = silent) -> Iterator[Engine]:
    """An engine on a pool of `workers` processes; one worker is this process itself."""
    if workers <= 1:
        yield Engine(InProcess, 1, progress)
        return
    pools: list[ProcessPoolExecutor] = []

    def start() -> ProcessPoolExecutor:
        pools.append(_pool(workers))
        return pools[0]

    try:
        yield Engine(start, workers, progress)
    except BaseException:
        for pool in pools:
            for process in list((pool._processes or {}).values()):  # noqa: SLF001 - 3.14 can
                process.terminate()
        raise
    finally:
        for pool in pools:
            pool.shutdown(wait=True, cancel_futures=True)


def _pool(workers: int) -> ProcessPoolExecutor:
    """A pool whose workers have started."""
    _warm()
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else None
    context = multiprocessing.get_context(method)
    pool = ProcessPoolExecutor(workers, context, initializer=_start, initargs=(os.getpid(),))
    with _deaf_to_interrupts():
        pool.submit(os.getpid).result()  # the first task starts every worker
    return pool


@contextlib.contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Have processes started in here be deaf to Ctrl-C: it is the parent's, once they are started.

    It is held back and not ignored, so that one that comes meanwhile is not lost.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _warm() -> None:
    """Load once, before forking, what every worker would load."""
    import pyarrow as pa
    import pyarrow.parquet

    pa.array(["warm"])
    gc.freeze()


class _NoPandas(MetaPathFinder):
    """Finds no pandas."""

    def find_spec(self, fullname: str, *_: object) -> None:
        """Nothing, or for pandas an error."""
        if fullname == "pandas":
            raise ModuleNotFoundError("not needed here", name=fullname)


def spare_pandas() -> None:
    """Keep pyarrow from importing pandas, which it does for the first array if it is installed.

    For a process that only builds: it saves the better part of a second and 60 MB a process.
    Afterwards pyarrow holds pandas to be absent.
    """
    import pyarrow as pa

    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    try:
        pa.array(["first"])
    finally:
        sys.meta_path.remove(finder)


def _start(parent: int) -> None:
    """In a new worker: no cyclic collector (rows hold no cycles), no life without a parent."""
    gc.disable()
    threading.Thread(target=_die_with, args=(parent,), daemon=True).start()


def _die_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(ORPHAN_CHECK_SECONDS)
    os._exit(1)
