"""BagIt's manifests, written and read in one form (RFC 8493)."""

from __future__ import annotations

import re
from collections.abc import Mapping


def manifest_lines(digests: Mapping[str, str]) -> bytes:
    """A BagIt manifest: digest, two spaces, path, sorted by path."""
    return b"".join(f"{digests[path]}  {_encoded(path)}\n".encode() for path in sorted(digests))


def _encoded(path: str) -> str:
    """A path as BagIt writes it: %, CR and LF percent-encoded (RFC 8493, 2.1.3)."""
    return path.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def leaves(path: str) -> bool:
    """Whether a path that a manifest lists leaves the folder."""
    return path.startswith(("/", "~")) or ".." in path.split("/") or "\\" in path


def read_manifest(data: bytes) -> dict[str, str]:
    """Digest by path of a BagIt manifest. Raises ValueError for any line not as written here."""
    digests = {}
    for line in data.decode("utf-8").split("\n")[:-1]:
        if not re.fullmatch(r"[0-9a-f]{64}  [^\s].*", line):
            raise ValueError(f"not a manifest line: {line[:80]!r}")
        digests[line[66:].replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")] = line[:64]
    if manifest_lines(digests) != data:
        raise ValueError("the manifest is not in its canonical form")
    return digests
