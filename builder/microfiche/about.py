"""Who builds: the program and its version, as releases and requests name it."""

from __future__ import annotations

VERSION = "0.16.0"
BUILDER = f"microfiche {VERSION}"
