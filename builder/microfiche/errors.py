"""What stops microfiche. Owns the exceptions; what is wrong with data is a finding instead.

Every error says what happened, to which file, and what to do about it. The command line turns
one into a line on standard error and the class's exit code.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

MAX_TOLD = 300
# What parsers say in words of Python's, or of programs', and what it means.
PYTHONS = (
    ("surrogates not allowed", "it is no UTF-8"),
    ("integer string conversion", "a number of more than 4,300 digits"),
    ("object is not", "a value of another kind than is asked for"),
    ("indices must be", "a value of another kind than is asked for"),
    ("object has no attribute", "its parts are not what they should be"),
    ("not enough values to unpack", "it is cut short"),
)


# eq=False keeps them hashable; positional fields let them travel between processes.
@dataclass(eq=False)
class MicroficheError(Exception):
    """Cannot go on. `message` names the file and the fault, `remedy` says what to do."""

    message: str
    remedy: str = ""

    exit_code: ClassVar[int] = 4

    def __str__(self) -> str:
        return f"{self.message}; {self.remedy}" if self.remedy else self.message


class UsageError(MicroficheError):
    """The command or call makes no sense as given."""

    exit_code = 2


class DataError(MicroficheError):
    """The archive or the release cannot be used as it is: the data must change first."""

    exit_code = 3


class NotFound(DataError):  # noqa: N818 - reads better than NotFoundError
    """Nothing of the kind is where a path or a name says: it is wrong, not the data."""

    exit_code = 2


class CannotRun(MicroficheError):  # noqa: N818 - reads better than CannotRunError
    """Something outside the data failed: an unreadable file, a full disk, a taken version."""

    exit_code = 4


class Unreachable(CannotRun):
    """What holds the data cannot be asked: nothing can be said of it."""


class WorkerLost(Unreachable):
    """A process that worked for this one is gone: nothing can be said of its data."""


def unusable(path: object, error: OSError) -> CannotRun:
    """An operating-system error on `path` as an error with a remedy."""
    if isinstance(error, FileNotFoundError):
        return CannotRun(f"{path}: no such file or folder", "correct the path")
    reason = error.strerror or str(error)
    return CannotRun(f"{path}: {reason}", "check that the disk has room and the file can be used")


def in_words(error: Exception) -> str:
    """What was wrong, as a parser's error says it, where that is not Python's way of saying it."""
    if isinstance(error, UnicodeDecodeError):
        return f"byte {error.start} is no {error.encoding.upper()}"
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, KeyError) and " " not in str(error.args[0]):  # else it is a sentence
        return f"{error.args[0]!r} is missing"
    said = error.args[0] if isinstance(error, KeyError) else error
    told = " ".join(str(getattr(error, "strerror", None) or said).split())[:MAX_TOLD]
    told = told.partition(" (<string>")[0]
    for words, ours in PYTHONS:
        if words in told:
            return ours
    return told or "it is broken"


def nearest(path: Path, remedy: str) -> str:
    """A remedy for a path that leads nowhere: the name beside it that is most like it, if any.

    What lies beside an address is not asked for.
    """
    if "://" in str(path):
        return remedy
    parent = path.parent
    try:
        beside = [each.name for each in parent.iterdir()] if parent.is_dir() else []
    except OSError:
        beside = []
    found = difflib.get_close_matches(path.name, sorted(beside), 1)
    return f"did you mean {parent / found[0]}?" if found else remedy


CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def one_line(text: object) -> str:
    """`printable` on one line: what would make another line of output of it is seen."""
    return printable(str(text).replace("\n", "\\n"))


def printable(text: str) -> str:
    """Text from data without the characters that a terminal would obey or cannot be encoded."""
    return CONTROL.sub("\ufffd", text)
