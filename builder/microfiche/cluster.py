"""An engine on a Dask cluster: the stages' functions in the processes of other machines.

All processes see the same folders under the same paths: what one stage writes the next one reads.
A worker that is lost costs its task anew, elsewhere.
"""

from __future__ import annotations

import contextlib
import logging
import pickle
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from microfiche.engine import Engine, Progress
from microfiche.errors import CannotRun, UsageError, unusable

if TYPE_CHECKING:
    from distributed import Client

PATIENCE = 30  # seconds
NOT_INSTALLED = "install it with `pip install 'microfiche[dask]'`"


@contextlib.contextmanager
def cluster_engine(
    workers: int,
    scheduler: str | None,
    shared: Path,
    who: Callable[[], str],
    progress: Progress,
) -> Iterator[Engine]:
    """An engine on the workers of a scheduler, or on `workers` processes of its own without one.

    `scheduler` is its address, or the file that it wrote.
    `shared` is a folder that all of them see; `who` tells what reads there, which must be the same
    everywhere. Raises UsageError, or CannotRun if the cluster cannot be used.
    """
    try:
        from distributed import Client, LocalCluster
        from distributed.comm.core import CommClosedError
        from distributed.scheduler import KilledWorker
    except ImportError as error:
        raise UsageError("--engine dask: not installed", NOT_INSTALLED) from error
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with contextlib.ExitStack() as held:
        try:
            if scheduler is None:
                own = LocalCluster(  # type: ignore[no-untyped-call]
                    n_workers=workers,
                    threads_per_worker=1,
                    dashboard_address=":0",
                    silence_logs=logging.CRITICAL,  # a heartbeat that its own end cuts off
                )
                held.enter_context(own)
            where: dict[str, Any] = {"address": scheduler or own}
            if scheduler and Path(scheduler).is_file():
                where = {"scheduler_file": scheduler}
            client = Client(**where, timeout=PATIENCE)  # type: ignore[no-untyped-call]
            held.enter_context(client)
            client.wait_for_workers(1, timeout=PATIENCE)
        except (OSError, TimeoutError, ValueError) as error:
            raise CannotRun(
                f"--scheduler {scheduler or ''}: no scheduler with workers answers: {error}",
                "start it, or correct the address",
            ) from error
        _check(client, shared, who)
        progress(f"on {_count(client)} workers, dashboard {client.dashboard_link}", 0, 1)
        lost = (KilledWorker, CommClosedError, CancelledError)
        yield Engine(lambda: _Cluster(client), _count(client), progress, lost)


def _count(client: Client) -> int:
    return len(client.scheduler_info(n_workers=-1)["workers"])


def _check(client: Client, shared: Path, who: Callable[[], str]) -> None:
    """Raise CannotRun unless every worker has the same package and sees the folder."""
    token = shared / f".tmp-cluster-{secrets.token_hex(6)}"
    try:
        token.touch()
        answers = client.run(_answer, pickle.dumps(who), str(token))
    except OSError as error:
        raise unusable(shared, error) from error
    except Exception as error:
        raise CannotRun(
            f"a worker cannot run microfiche: {type(error).__name__}: {error}",
            "install the same version, with the same libraries, for every worker",
        ) from error
    finally:
        token.unlink(missing_ok=True)
    own = who()
    for address, (reader, sees) in sorted(answers.items()):
        if reader != own:
            raise CannotRun(
                f"worker {address} has another version of microfiche or of what it reads with",
                "install the same for every worker, as by the lock file",
            )
        if not sees:
            raise CannotRun(
                f"worker {address} does not see {shared}",
                "let every worker see the archive and --out under the same paths",
            )


def _answer(who: bytes, token: str) -> tuple[str, bool]:
    return pickle.loads(who)(), Path(token).is_file()  # noqa: S301 - the client's own


class _Cluster(Executor):
    """Gives tasks to a client. They travel as octets, which nothing looks into on the way."""

    def __init__(self, client: Client) -> None:
        self.executor: Executor = client.get_executor(pure=False)  # type: ignore[no-untyped-call]

    def submit(self, fn, /, *args: Any, **kwargs: Any) -> Future[Any]:  # type: ignore[no-untyped-def]
        """Have a worker run it."""
        return self.executor.submit(_run, pickle.dumps((fn, args, kwargs)))


def _run(task: bytes) -> Any:
    function, args, kwargs = pickle.loads(task)  # noqa: S301 - the client's own
    return function(*args, **kwargs)
