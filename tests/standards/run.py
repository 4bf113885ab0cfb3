"""Each standard's own tools on our releases: `make test-standards` runs this.

Makes an environment for each set of tools, builds the releases to be looked at and runs the
checks beside this file in them. Every check must pass; a tool that cannot be had is a failure.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Mapping
from pathlib import Path

import checker

HERE, REPOSITORY = Path(__file__).parent, Path(__file__).parents[2]
WORK = REPOSITORY / "build" / "standards"
SARIF_PACKAGE = "@microsoft/sarif-multitool@5.7.0"
AXE_PACKAGE = "axe-core@4.14.1"
AXE_SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
CONTEXT_PACKAGE = "ro-crate@3.7.2"  # carries the JSON-LD context of RO-Crate 1.2, public domain
CONTEXT_SHA256 = "27a661f6082735563d9f83145a63876cbe0c0b78624332d3ca05053253eb0d41"
# What a collective without a ROR and without a page of its own cannot meet, where the specification
# says "if possible": an address (86.2) and a ROR (89.0). Exactly these warnings are expected of the
# Gazette, and none of the release `registered`, whose people and organisations have both.
NO_ROR = ",".join(
    f"ro-crate-1.2_{number}@./#{entity}"
    for number in ("86.2", "89.0")
    for entity in ("creator-1", "publisher")
)
OFFLINE = {
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "NO_PROXY": "",
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "ROCRATE_VALIDATOR_AUTO_WARM": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
}
ROR = "https://ror.org/03f0f6041"  # a real one, since the validators look at its form
REGISTERED = f"""
homepage = "https://gazette.example/dataset"
base_url = "https://gazette.example/releases"
publisher_ror = "{ROR}"
"""
PERSON = f"""
[[creators]]
name = "Ada Quill"
orcid = "0000-0002-1825-0097"
affiliation = "Harbour University"
affiliation_ror = "{ROR}"
"""
failures: list[str] = []


def main() -> int:
    """Run everything; how many checks failed."""
    WORK.mkdir(parents=True, exist_ok=True)
    tools, citation = environment("tools"), environment("citation")
    cache = seeded_cache(tools)
    for name, release, expected in releases():
        check(f"{name}: bagit", tools / "bagit.py", "--validate", "--quiet", release)
        for severity in ("REQUIRED", "RECOMMENDED"):
            warnings = [expected] if severity == "RECOMMENDED" and expected else []
            script = (HERE / "crate.py", cache, release, severity, *warnings)
            check(f"{name}: RO-Crate 1.2 {severity.lower()}", tools / "python", *script)
        check(f"{name}: Croissant 1.1", tools / "python", HERE / "croissant.py", release)
        check(f"{name}: DataCite 4.5", tools / "python", HERE / "datacite45.py", release)
        check(f"{name}: readers", tools / "python", HERE / "readers.py", release)
        cff = ("--validate", "--infile", release / "CITATION.cff")
        check(f"{name}: CITATION.cff 1.2", citation / "cffconvert", *cff)
        read = ("--infile", release / "CITATION.cff", "--format", "bibtex")
        check(f"{name}: CITATION.cff read", citation / "cffconvert", *read)
    axe = packed(AXE_PACKAGE, "package/axe.min.js", AXE_SHA256)
    check("axe-core: the page of a release", sys.executable, HERE / "axe.py", axe, WORK / "shown")
    path = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    reports = (HERE / "reports.py", REPOSITORY, WORK / "reports", multitool())
    check("continuous integration: its tools", tools / "python", *reports, env=OFFLINE | path)
    check(
        "continuous integration: the action",
        sys.executable,
        HERE / "action.py",
        WORK / "action",
        env={"PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )
    check(
        "JavaScript: a checker of releases",
        sys.executable,
        HERE / "checker.py",
        WORK / "checker",
        node_modules("reading", *checker.PACKAGES),
    )
    cluster = HERE.parents[1] / "docs" / "examples" / "kubernetes.yaml"
    check("Kubernetes: the example", tools / "kubernetes-validate", "--strict", cluster)
    oldest = environment("oldest")
    must(
        Path(sys.executable).parent / "uv",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--python",
        oldest / "python",
        REPOSITORY,
    )
    rebuild = (
        "-m",
        "microfiche.cli",
        "verify",
        REPOSITORY / "dist/gazette/2.0.0",
        "--load",
        "--rebuild",
        REPOSITORY,
    )
    check("the oldest libraries allowed: same records", oldest / "python", "-I", *rebuild)
    out = WORK / "oldest-out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    # A copy: what is published of an archive's own releases is noted in the archive.
    gazette = shutil.copytree(REPOSITORY / "dist/gazette/2.0.0", out / "gazette")
    for name, *command in (
        ("export", "export", gazette, "--format", "xlsx", "--out", out / "a.xlsx"),
        ("wheel", "wheel", gazette, "--out", out),
        ("publish", "publish", gazette, f"file://{out}/shelf"),
        ("verify an address", "verify", f"file://{out}/shelf/gazette/2.0.0"),
        ("read an address", "show", f"file://{out}/shelf/gazette@2.0.0", "g-101"),
    ):
        words = ("-m", "microfiche.cli", *command)
        check(f"the oldest libraries allowed: {name}", oldest / "python", "-I", *words)
    # The oldest client's validator of cards asks one host, whatever endpoint is set.
    wanted = (
        "(every_client or twice or built or wins or deposited) and not killed and not validator"
    )
    places = [REPOSITORY / "tests" / "distribute" / f"test_{name}.py" for name in ("hub", "stores")]
    # What the oldest of one library says of the newest of another is no fault of ours.
    calm = ("-W", "ignore::DeprecationWarning")
    tests = (
        "-m",
        "pytest",
        *calm,
        "-q",
        "-p",
        "no:cacheprovider",
        "-n",
        "2",
        "-k",
        wanted,
        *places,
    )
    check("the oldest clients allowed: Hub and store", oldest / "python", *tests, env={})
    broken = WORK / "broken"
    shutil.rmtree(broken, ignore_errors=True)
    shutil.copytree(REPOSITORY / "dist" / "gazette" / "2.0.0", broken)
    (broken / "DATASHEET.md").unlink()
    script = (HERE / "crate.py", cache, broken, "REQUIRED")
    check("a crate without one of its files is refused", tools / "python", *script, good=False)
    say(f"{len(failures)} failed" + "".join(f"\n  {name}" for name in failures))
    return len(failures)


def say(line: str) -> None:
    """A line at once, whatever buffers there are."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def run(*command: object, **options: object) -> subprocess.CompletedProcess[str]:
    """Run a program and keep what it says."""
    words = [str(word) for word in command]
    return subprocess.run(words, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload, no-any-return]


def check(name: str, *command: object, good: bool = True, env: Mapping[str, str] = OFFLINE) -> None:
    """Run a check, without a network if `env` says so; what it says is shown if it fails."""
    start = time.monotonic()
    done = run(*command, env={**os.environ, **env})
    passed = (done.returncode == 0) == good
    say(f"{'PASS' if passed else 'FAIL'} {name} ({time.monotonic() - start:.0f} s)")
    if not passed:
        failures.append(name)
        say("".join(f"     {line}\n" for line in (done.stdout + done.stderr).splitlines()[-30:]))
    elif done.stdout.strip():
        say(f"     {done.stdout.strip().splitlines()[-1]}")


def must(*command: object, **options: object) -> None:
    """Run a step that everything else needs."""
    done = run(*command, **options)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: {done.stdout}{done.stderr}")


def environment(name: str) -> Path:
    """The programs of an environment made from a lock file here."""
    folder, lock = WORK / name, HERE / f"{name}.txt"
    made = folder / "made-from.txt"
    if not made.is_file() or made.read_text() != lock.read_text():
        uv = Path(sys.executable).parent / "uv"
        must(uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder)
        must(uv, "pip", "install", "--quiet", "--python", folder / "bin/python", "-r", lock)
        shutil.copy(lock, made)
    return folder / "bin"


def node_modules(name: str, *packages: str) -> Path:
    """The folder of some packages of npm's, which are fetched here, before any check is."""
    folder = WORK / name
    if not (folder / "node_modules").exists():
        folder.mkdir(exist_ok=True)
        must("npm", "install", "--silent", "--prefix", folder, *packages)
    return folder / "node_modules"


def multitool() -> Path:
    """The validator of SARIF that its standard's editors keep."""
    return node_modules("sarif", SARIF_PACKAGE) / ".bin" / "sarif-multitool"


def packed(package: str, path: str, sha256: str) -> Path:
    """A file of a package of npm's, known by its digest."""
    folder = WORK / package
    file = folder / Path(path).name
    if not file.is_file():
        folder.mkdir(exist_ok=True)
        must("npm", "pack", "--silent", package, "--pack-destination", folder, cwd=folder)
        (pack,) = folder.glob("*.tgz")
        with tarfile.open(pack) as archive:
            member = archive.extractfile(path)
            assert member is not None
            data = member.read()
        if hashlib.sha256(data).hexdigest() != sha256:
            sys.exit(f"{package}: its {file.name} is not the one known here")
        file.write_bytes(data)
    return file


def seeded_cache(tools: Path) -> Path:
    """A cache for the crate's validator that holds the context, so that it needs no network."""
    cache = WORK / "cache" / "http"
    context = packed(CONTEXT_PACKAGE, "package/lib/context.json", CONTEXT_SHA256)
    must(tools / "python", HERE / "crate.py", "--seed", cache, context)
    return cache


def releases() -> list[tuple[str, Path, str]]:
    """(name, folder, warnings that are expected of the crate) of every release to be looked at."""
    found = [("full", REPOSITORY / "dist" / "gazette" / "2.0.0", NO_ROR)]
    plain = archive("plain")
    found.append(("public", built(plain, "public"), NO_ROR))
    registered = archive("registered")
    file = registered / "raw" / "dataset.toml"
    text = file.read_text("utf-8").replace("[[creators]]", f"{REGISTERED}\n[[creators]]", 1)
    file.write_text(text.rstrip() + f'\nror = "{ROR}"\n{PERSON}', "utf-8")
    versions = '[versions."1.0.0"]\nissued = "2026-11-22"\ndoi = "10.5072/gazette-1"\n'
    (registered / "raw" / "releases.toml").write_text(versions)
    outlet = registered / "raw" / "outlets" / "gazette.toml"
    outlet.write_text(
        outlet.read_text("utf-8").replace('text = "full"', 'text = "withheld"'), "utf-8"
    )
    found.append(("registered, withheld", built(registered, "public"), ""))
    return found


def archive(name: str) -> Path:
    """A copy of the example archive."""
    root = WORK / name
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(REPOSITORY / "raw", root / "raw")
    shutil.copy(REPOSITORY / "DATASHEET.md", root)
    return root


def built(root: Path, access: str) -> Path:
    """The release of an archive."""
    program = (sys.executable, "-m", "microfiche.cli", "build", root, "--access", access)
    must(*program, "--date", "2026-11-22")
    return root / "dist" / f"gazette-{access}" / "1.0.0"


if __name__ == "__main__":
    sys.exit(bool(main()))
