"""What a version of the builder makes, as a digest: schemas, weights, and the Gazette's releases.

Prints the line that notes it in tests/releases/versions.toml.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from microfiche.about import VERSION

REPOSITORY = Path(__file__).parents[2]
NOTED = REPOSITORY / "tests" / "releases" / "versions.toml"


def digest() -> str:
    """SHA-256 over schemas, weights and names, and all that the example releases say and hold."""
    files = [
        *(REPOSITORY / "schema").glob("*.json"),
        *(REPOSITORY / "dist" / "gazette").glob("*/*manifest-sha256.txt"),
        *(REPOSITORY / "builder" / "microfiche" / "extract" / "weights").glob("*.json"),
        REPOSITORY / "builder" / "microfiche" / "dates" / "names.json",
    ]
    lines = (
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(REPOSITORY)}\n"
        for file in sorted(files)
    )
    return hashlib.sha256("".join(lines).encode()).hexdigest()


if __name__ == "__main__":
    print(f'"{VERSION}" = "{digest()}"')
