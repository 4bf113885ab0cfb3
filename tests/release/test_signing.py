"""Signatures by ssh-keygen: made, checked, and refused where they are not what they should be."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import Run
from microfiche.errors import UsageError
from microfiche.release.signing import signature_faults
from small import build, record, write

SIGNATURE = "tagmanifest-sha256.txt.sig"
pytestmark = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None and not os.environ.get("CI"), reason="needs ssh-keygen"
)


def key(folder: Path, name: str, *options: str) -> Path:
    """A new key without a passphrase."""
    command = [
        "ssh-keygen",
        "-q",
        "-N",
        "",
        "-C",
        name,
        "-f",
        folder / name,
        *(options or ("-t", "ed25519")),
    ]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return folder / name


@pytest.mark.parametrize(
    "kind", [("-t", "ed25519"), ("-t", "rsa", "-b", "3072")], ids=["ed25519", "rsa"]
)
def test_signed_and_verified_offline(tmp_path: Path, run: Run, kind: tuple[str, ...]) -> None:
    """By the public key, by an allowed-signers file, and by ssh-keygen alone."""
    mine, other = key(tmp_path, "mine", *kind), key(tmp_path, "other")
    root = write(tmp_path / "a", [record(1)])
    built = run("build", root, "--date", "2026-01-01", "--sign", mine)
    assert built.returncode == 0, built.stderr
    release = root / "dist" / "press" / "1.0.0"
    public = mine.with_suffix(".pub")
    allowed = tmp_path / "allowed"
    allowed.write_text(f'desk@library.example namespaces="microfiche" {public.read_text()}')
    for given in (public, allowed):
        covered, faults = signature_faults(release, given)
        assert faults == []
        assert (
            f"by {'the key in' if given == public else 'desk@library.example of'} {given}"
            in covered
        )
    assert "by whom was not asked" in run("verify", release).stdout
    with (release / "tagmanifest-sha256.txt").open("rb") as file:
        command = [
            "ssh-keygen",
            "-Y",
            "verify",
            "-n",
            "microfiche",
            "-f",
            allowed,
            "-I",
            "desk@library.example",
            "-s",
            release / SIGNATURE,
        ]
        assert subprocess.run(command, stdin=file, check=False, capture_output=True).returncode == 0
    assert signature_faults(release, other.with_suffix(".pub"))[1]
    for wrong in (tmp_path / "nothing", mine):
        with pytest.raises(UsageError, match="no public key"):
            signature_faults(release, wrong)
    assert run("verify", release, "--key", mine).returncode == 2
    unsigned = build(write(tmp_path / "b", [record(2)]))
    assert "the release is not signed" in signature_faults(unsigned.root, public)[1][0]
    shutil.copy(release / SIGNATURE, unsigned.root)
    done = run("verify", unsigned.root)
    assert done.returncode == 3
    assert SIGNATURE in done.stdout


def test_signing_changes_nothing_and_can_come_later(tmp_path: Path, run: Run) -> None:
    """The same bytes but for the signature; an unchanged release can be signed."""
    mine = key(tmp_path, "mine")
    root = write(tmp_path / "a", [record(1)])
    release = build(root)
    before = {file: file.read_bytes() for file in release.root.rglob("*") if file.is_file()}
    assert "unchanged" in run("build", root, "--sign", mine).stdout
    after = {file: file.read_bytes() for file in release.root.rglob("*") if file.is_file()}
    assert after.keys() - before.keys() == {release.root / SIGNATURE}
    assert {file: after[file] for file in before} == before
    good = after[release.root / SIGNATURE]
    flips = random.Random(1)
    flipped = [bytearray(good) for _ in range(20)]
    for each in flipped:
        each[flips.randrange(len(good))] ^= 1 << flips.randrange(8)
    for broken in (b"", b"noise", good[:-40], good + b"\n", *flipped):
        (release.root / SIGNATURE).write_bytes(broken)
        _, faults = signature_faults(release.root, None)
        assert faults
        assert SIGNATURE in faults[0]
    assert run("verify", release.root).returncode == 3


def test_keys_that_cannot_sign_leave_no_release(tmp_path: Path, run: Run) -> None:
    """No such key, one that is none, and no ssh-keygen at all."""
    root = write(tmp_path / "a", [record(1)])
    (tmp_path / "noise").write_text("noise")
    assert run("build", root, "--sign", tmp_path / "none").returncode == 2
    assert run("build", root, "--sign", tmp_path / "noise").returncode == 4
    done = run("build", root, "--sign", key(tmp_path, "mine"), env={"PATH": str(tmp_path)})
    assert done.returncode == 4
    assert "install OpenSSH" in done.stderr
    assert not list((root / "dist").glob("*/*"))
