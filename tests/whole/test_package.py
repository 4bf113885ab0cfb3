"""The wheel and the sdist: installed in an empty environment, without a network."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from conftest import REPOSITORY
from microfiche.library import open_release
from small import build, record, write

RUN: dict[str, Any] = {"check": True, "capture_output": True, "text": True}
OFFLINE = """
import socket
def refused(*args, **options):
    raise OSError("sockets are blocked")
socket.socket.connect = socket.create_connection = refused
import microfiche
row = microfiche.load_dataset('gazette')['train'][0]
print(microfiche.__file__)
print(row['article_id'], row['title'])
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist, a wheel from the repository and, in `again/`, one from the unpacked sdist."""
    out = tmp_path_factory.mktemp("built")
    copy = tmp_path_factory.mktemp("source") / "repository"
    ignored = shutil.ignore_patterns(
        ".git", ".venv", "build", ".*_cache", "__pycache__", ".hypothesis"
    )
    shutil.copytree(REPOSITORY, copy, ignore=ignored, symlinks=True)
    command = [sys.executable, "-m", "build", "--no-isolation"]
    subprocess.run([*command, "--outdir", out, copy], check=True, capture_output=True)
    (sdist,) = out.glob("*.tar.gz")
    shutil.unpack_archive(sdist, out / "unpacked", filter="data")
    (unpacked,) = (out / "unpacked").iterdir()
    again = [*command, "--wheel", "--outdir", out / "again", unpacked]
    subprocess.run(again, check=True, capture_output=True)
    return out


def test_wheel_holds_schema_registry_and_gazette(built: Path) -> None:
    """Everything the code looks for beside itself, and nothing of the tests."""
    (wheel,) = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert "microfiche/_schema/article.json" in names
    assert "microfiche/outlets/registry/presstv.toml" in names
    assert "microfiche/py.typed" in names
    assert any(name.startswith("microfiche/_gazette/1.") for name in names)
    assert not any(name.startswith(("tests", "raw", "docs")) for name in names)


def test_wheel_from_the_sdist_holds_the_same_files(built: Path) -> None:
    """What is built from the sdist is what is built from the repository."""
    (left,), (right,) = built.glob("*.whl"), (built / "again").glob("*.whl")
    contents = [
        {item.filename: item.CRC for item in zipfile.ZipFile(wheel).infolist()}
        for wheel in (left, right)
    ]
    assert contents[0] == contents[1]


@pytest.fixture(scope="module")
def uv() -> Path:
    """The installer that `make test` puts beside the interpreter."""
    program = Path(sys.executable).parent / "uv"
    if not program.is_file():
        if os.environ.get("CI") == "true":
            pytest.fail("uv is missing beside the interpreter")
        pytest.skip("uv is not beside the interpreter: run `make test`")
    return program


def environment(home: Path, uv: Path, *packages: object) -> Path:
    """A new environment with some packages; its interpreter."""
    python = home / "bin" / "python"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, home], **RUN)
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, *packages], **RUN)
    return python


@pytest.fixture(scope="module")
def locked(built: Path, uv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel from the sdist and the locked dependencies; its interpreter."""
    (wheel,) = (built / "again").glob("*.whl")
    home = tmp_path_factory.mktemp("locked") / "venv"
    return environment(home, uv, "--constraint", REPOSITORY / "requirements.lock", wheel)


# Each command once, on an archive and its releases; `{…}` are folders of the test.
COMMANDS = """
init {new} --name new --title New --creator "Quill, Ada"
outlets --archive {root}
add {page} --archive {root} --url https://courier.example/2024/03/03/7-seven
capture http://127.0.0.1:9/ --archive {root}
read {page} --lines
validate {root}
learn {root}
cache {root}
build {root} --date 2026-01-01
build {root} --access public --date 2026-01-01
report {root} --out {out}/desk.html
coverage {root}
coverage {full} --format csv
verify {full} --load --rebuild {root}
show {full}
show {full} https://courier.example/2024/03/03/7-seven
cite {full} --style csl
prove {full} {article}
diff {full} {public}
rehydrate {public} {root}
export {full} --format csv --out {out}/a.csv
export {full} --format jsonl --out {out}/a.jsonl
export {full} --format xlsx --out {out}/a.xlsx
export {full} --format text --out {out}/texts
wheel {full} --out {out} --restricted
publish {full} file://{out}/shelf --restricted
verify file://{out}/shelf/case/1.0.0
publish {full} hf://datasets/org/none --restricted --dry-run
docs guides/takedown
docs --examples {out}/examples
correct {article} byline "Quill, Ada" --reason seen --by desk --archive {root}
withdraw {article} --plan --reason privacy --authority desk --archive {root}
"""
# These say that what they need is not there: a page, a Hub.
IN_VAIN = {"capture": 3, "publish hf": 4}
TELL = "from microfiche.cli import COMMANDS; print(*[c.__name__ for c in COMMANDS])"


def test_every_command_works_in_a_bare_environment(built: Path, tmp_path: Path, uv: Path) -> None:
    """With the wheel and what it asks for, without the lock file, by the pip of Python 3.11 (23.2).

    That one reads the extras of others' packages by the letter.
    """
    (wheel,) = built.glob("*.whl")
    python = environment(tmp_path / "venv", uv, "pip==23.2.1")
    install = [python, "-m", "pip", "install", "--quiet", "--no-compile", wheel]
    subprocess.run(install, **RUN)
    programs = python.parent
    root, out, page = tmp_path / "archive", tmp_path / "out", tmp_path / "short.html"
    shutil.copytree(REPOSITORY / "tests" / "cases" / "base", root)
    page.write_text("<html><title>Short</title><body><h1>Short</h1><p>Two words.</p></body></html>")
    out.mkdir()
    dist = {"full": root / "dist/case/1.0.0", "public": root / "dist/case-public/1.0.0"}
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "HF_ENDPOINT": "http://127.0.0.1:9"}
    options: dict[str, Any] = {"capture_output": True, "text": True, "cwd": tmp_path, "env": env}
    places: dict[str, object] = {
        "root": root,
        "out": out,
        "page": page,
        "new": tmp_path / "new",
        **dist,
    }
    seen = set()
    for line in COMMANDS.strip().splitlines():
        if "{article}" in line:
            exported = subprocess.run(
                [
                    programs / "microfiche",
                    "export",
                    places["full"],
                    "--format",
                    "jsonl",
                    "--out",
                    "-",
                ],
                **options,
            )
            places["article"] = json.loads(exported.stdout.splitlines()[0])["article_id"]
        words = shlex.split(line.format_map(places))
        done = subprocess.run([programs / "microfiche", *words], **options)
        expected = next((IN_VAIN[each] for each in IN_VAIN if line.startswith(each)), 0)
        if "hf://" in line:
            expected = IN_VAIN["publish hf"]
        assert done.returncode == expected, (line, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        seen.add(words[0])
    told = subprocess.run([programs / "python", "-c", TELL], **options)
    assert set(told.stdout.split()) <= seen, told.stderr


def test_a_release_is_pinned_by_its_hash_and_loads_without_a_network(
    tmp_path: Path, locked: Path
) -> None:
    """Two data wheels in requirements.txt, one release in several parts; other bytes are refused."""
    written = tmp_path / "wheels"
    root = write(tmp_path / "press", [record(n) for n in range(1, 40)])
    build(root)
    press = build(write(root, [record(n) for n in range(1, 41)]))
    biggest = max(each.stat().st_size for each in press.root.rglob("*") if each.is_file())
    wheels = [
        *open_release("gazette@1.1.0").wheel(written),
        *press.wheel(written, max_bytes=biggest + 60_000),
    ]
    assert len(wheels) > 2
    pinned = tmp_path / "requirements.txt"
    pinned.write_text("".join(f"{each.requirement}\n" for each in wheels))
    install = [sys.executable, "-m", "pip", "--python", locked, "install", "--quiet", "--no-index"]
    install += ["--find-links", written, "--require-hashes", "--requirement"]
    forged = tmp_path / "forged.txt"
    forged.write_text(pinned.read_text().replace("sha256:", "sha256:0")[:-2] + "\n")
    refused = subprocess.run([*install, forged], check=False, capture_output=True, text=True)
    assert refused.returncode != 0
    subprocess.run([*install, pinned], **RUN)
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    script = (
        OFFLINE.partition("import microfiche")[0]
        + """
import microfiche
rows = microfiche.load_dataset("press", split="train", version=">=1.1,<2")
print(len(rows), microfiche.path("press"), len(microfiche.load_dataset("gazette", version="<2")["train"]))
"""
    )
    done = subprocess.run([locked, "-I", "-c", script], **RUN, env=env, cwd=tmp_path)
    count, place, n_gazette = done.stdout.split()
    assert (count, n_gazette) == ("40", "27")
    assert place.startswith(str(locked.parents[1]))
    checked = subprocess.run(
        [locked.parent / "microfiche", "verify", "press"], **RUN, env=env, cwd=tmp_path
    )
    assert f"{place}: the release holds" in checked.stdout


def test_installed_package_loads_the_gazette_offline(tmp_path: Path, locked: Path) -> None:
    """From the package itself, in an environment without anything else."""
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run([locked, "-I", "-c", OFFLINE], **RUN, env=env, cwd=tmp_path)
    where, row = done.stdout.splitlines()
    assert where.startswith(str(locked.parents[1]))
    assert row.startswith("gazette:g-101 ")
    shown = subprocess.run(
        [locked.parent / "microfiche", "show", "gazette"], **RUN, env=env, cwd=tmp_path
    )
    assert "The Microfiche Gazette" in shown.stdout
