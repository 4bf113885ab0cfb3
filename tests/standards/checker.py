"""The checker in JavaScript, held to the releases that `verify` is held to, and to our own.

    python checker.py FOLDER MODULES

`FOLDER` gets the checker, and releases that are right and wrong; `MODULES` has its packages. What it looks
for it must find in each; in what is wrong beyond that, and in what is right, nothing.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
CHECKER = REPOSITORY / "docs" / "check_release.mjs"
PACKAGES = ("hyparquet@1.33.0", "fzstd@0.1.1")
LARGE = "R109"  # what it would take as it is: it does not bound what files unpack to


def main(folder: Path, modules: Path) -> int:
    """How many releases it tells other of than it should."""
    sys.path.insert(0, str(REPOSITORY / "tests" / "builders"))
    from conformance import lay_out

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    lay_out(folder / "releases")
    shutil.copy(CHECKER, folder)
    (folder / "node_modules").symlink_to(modules)
    looked_for = set(re.findall(r"R\d{3}", CHECKER.read_text("utf-8"))) - {"R100"}
    wrong, count = 0, 0
    index = json.loads((folder / "releases" / "index.json").read_text("utf-8"))
    pairs = [(folder / "releases" / each["path"], set(each["codes"])) for each in index]
    ours = (REPOSITORY / "dist", *sorted((REPOSITORY / "tests" / "releases").glob("*/")))
    pairs += [(root, set[str]()) for place in ours for root in sorted(place.glob("gazette/*"))]
    for root, codes in pairs:
        if LARGE in codes:
            continue
        found, expected = told(folder, root), codes & looked_for
        count += 1
        if found != expected:
            wrong += 1
            print(f"{root}: finds {sorted(found)}, not {sorted(expected)}")
    print(f"{count} releases, {wrong} told otherwise; codes looked for: {sorted(looked_for)}")
    return wrong


def told(folder: Path, root: Path) -> set[str]:
    """The codes of the faults of a release, with the one before if that lies beside it."""
    before = json.loads((root / "release.json").read_text("utf-8"))["previous"]
    older = [root.parent / before["version"]] if before else []
    older = [each for each in older if each.is_dir()]
    command = ["node", folder / CHECKER.name, root, *older]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    lines = done.stdout.splitlines()
    if done.returncode not in (0, 1) or done.stderr or not lines:
        return {"broken", done.stderr}
    return {line.partition(" ")[0] for line in lines} if done.returncode else set()


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
