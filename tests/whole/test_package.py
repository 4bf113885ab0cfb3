"""The wheel and the sdist: installed in an empty environment, without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from conftest import REPOSITORY

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


@pytest.fixture
def uv() -> Path:
    """The installer that `make test` puts beside the interpreter."""
    program = Path(sys.executable).parent / "uv"
    if not program.is_file():
        if os.environ.get("CI") == "true":
            pytest.fail("uv is missing beside the interpreter")
        pytest.skip("uv is not beside the interpreter: run `make test`")
    return program


def test_the_pip_of_python_3_11_installs_all_that_is_needed(
    built: Path, tmp_path: Path, uv: Path
) -> None:
    """Pip 23.2 reads the extras of others' packages by the letter: a short page is read all the same."""
    (wheel,) = built.glob("*.whl")
    home = tmp_path / "venv"
    python = home / "bin" / "python"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, home], **RUN)
    subprocess.run([uv, "pip", "install", "--quiet", "--python", python, "pip==23.2.1"], **RUN)
    install = [python, "-m", "pip", "install", "--quiet", "--no-compile", "--constraint"]
    subprocess.run([*install, REPOSITORY / "requirements.lock", wheel], **RUN)
    root = tmp_path / "archive"
    shutil.copytree(REPOSITORY / "tests" / "cases" / "base", root)
    page = "<html><title>Short</title><body><h1>Short</h1><p>Two words.</p></body></html>"
    (root / "raw" / "captures" / "short.html").write_text(page)
    (root / "raw" / "captures" / "short.html.toml").write_text('outlet_id = "courier"\n')
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    built_release = subprocess.run([home / "bin" / "microfiche", "build", root], **RUN, env=env)
    assert "articles 2" in built_release.stdout


@pytest.mark.parametrize("folder", [".", "again"])
def test_installed_package_loads_the_gazette_offline(
    built: Path, tmp_path: Path, uv: Path, folder: str
) -> None:
    """A new environment with the locked dependencies and this wheel alone."""
    (wheel,) = (built / folder).glob("*.whl")
    home = tmp_path / "venv"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, home], **RUN)
    constraint = REPOSITORY / "requirements.lock"
    python = home / "bin" / "python"
    subprocess.run(
        [uv, "pip", "install", "--quiet", "--python", python, "--constraint", constraint, wheel],
        **RUN,
    )
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run([python, "-I", "-c", OFFLINE], **RUN, env=env, cwd=tmp_path)
    where, row = done.stdout.splitlines()
    assert where.startswith(str(home))
    assert row.startswith("gazette:g-101 ")
    shown = subprocess.run(
        [home / "bin" / "microfiche", "show", "gazette"], **RUN, env=env, cwd=tmp_path
    )
    assert "The Microfiche Gazette" in shown.stdout
