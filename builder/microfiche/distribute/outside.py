"""What hosts and their clients say, as errors of ours: one line, without secrets."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator

from microfiche.errors import CannotRun, MicroficheError, printable

LOGIN = re.compile(r"([^\s/:@]+):([^\s/@]+)@")
QUERY = re.compile(
    r"([?&][^=&\s]*(?:sig|token|key|secret|credential)[^=&\s]*=)[^&\s]+", re.IGNORECASE
)
SECRET = re.compile(r"TOKEN|SECRET|PASSWORD|ACCESS_KEY|API_KEY", re.IGNORECASE)
LEAST_SECRET, MAX_TOLD = 6, 500


@contextlib.contextmanager
def outside(what: str, remedy: str = "check the network, and run it again") -> Iterator[None]:
    """Raise what a client of a host raises as CannotRun, in one line.

    What our own code raises is a bug, and stays what it is.
    """
    try:
        yield
    except (MicroficheError, FileExistsError):
        raise
    except PermissionError as error:
        raise CannotRun(f"{what}: access denied", "check the credentials") from error
    except Exception as error:
        if "Credentials" in type(error).__name__:
            remedy = "set them as the store's own tools have them, such as AWS_PROFILE"
        if isinstance(error, OSError) or not _is_ours(error):
            raise CannotRun(f"{what}: {told(error)}", remedy) from error
        raise


def _is_ours(error: BaseException) -> bool:
    """Whether an exception was raised by code of this package itself."""
    at = error.__traceback__
    while at and at.tb_next:
        at = at.tb_next
    name = at.tb_frame.f_globals.get("__name__", "") if at else ""
    return str(name).partition(".")[0] == __name__.partition(".")[0]


def told(error: BaseException) -> str:
    """What was raised, in one line and without secrets; else its kind."""
    return one_line(str(error))[:MAX_TOLD] or type(error).__name__


def one_line(said: str) -> str:
    """What a host says, on one line, without control characters and without our secrets."""
    line = " ".join(printable(said).split())
    line = QUERY.sub(r"\1***", LOGIN.sub(r"\1:***@", line))
    for name, value in os.environ.items():
        if len(value) >= LEAST_SECRET and SECRET.search(name):
            line = line.replace(value, "***")
    return line
