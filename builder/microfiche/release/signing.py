"""Signatures over a release's checksum file, made and checked offline by ssh-keygen.

The signature is tagmanifest-sha256.txt.sig beside the file it signs, and so stands outside the
release's digest: to sign changes nothing of what is signed.
"""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from microfiche.errors import CannotRun, UsageError
from microfiche.release import SIGNATURE, TAG_MANIFEST

NAMESPACE = "microfiche"
SIGNER = "microfiche"
ARMOUR = (b"-----BEGIN SSH SIGNATURE-----", b"-----END SSH SIGNATURE-----")
ARMOUR_WIDTH = 70
KEY_LINE = re.compile(r"(?:ssh-|ecdsa-|sk-)\S+ [A-Za-z0-9+/=]+(?: |$)")


def sign(root: Path, key: Path | None) -> bool:
    """Sign a release's checksum file with an SSH key, a private or (with an agent) a public one.

    Whether it was signed: a signature that is there already is left alone. Raises UsageError,
    CannotRun.
    """
    if key is None or not key.is_file():
        raise UsageError(
            f"{key}: no such key", "give an SSH key; `ssh-keygen -t ed25519` makes one"
        )
    if (root / SIGNATURE).exists():
        return False
    done = _ssh_keygen("sign", "-f", str(key), str(root / TAG_MANIFEST), stdin=None)
    if done.returncode:
        raise CannotRun(f"{key}: {_said(done)}", "give a key that ssh-keygen can sign with")
    return True


def signature_faults(root: Path, key: Path | None) -> tuple[str, list[str]]:
    """(what was checked, faults) of a release's signature.

    `key` is a public key or an allowed-signers file; without one only that the signature is one
    of this file, by whomever. Raises CannotRun if ssh-keygen is needed and missing.
    """
    if key:
        _public_keys(key)
    if not (root / SIGNATURE).is_file():
        if key:
            return f"no signature by a key of {key}", [f"{SIGNATURE}: the release is not signed"]
        return "no signature, and none asked for", []
    if not _is_armoured((root / SIGNATURE).read_bytes()):
        return "signature", [f"{SIGNATURE}: not in the form that ssh-keygen writes"]
    signature = str(root / SIGNATURE)
    if key is None and shutil.which("ssh-keygen") is None:
        return "a signature is there; ssh-keygen is not, so it was not checked", []
    data = (root / TAG_MANIFEST).read_bytes()
    if key is None:
        done = _ssh_keygen("check-novalidate", "-s", signature, stdin=data)
        covered = f"the signature is of {TAG_MANIFEST}; by whom was not asked (--key)"
        return covered, _faults(done)
    with tempfile.TemporaryDirectory(prefix="microfiche-") as folder:
        allowed = _allowed_signers(key, Path(folder))
        found = _ssh_keygen("find-principals", "-f", allowed, "-s", signature, stdin=data)
        signers = found.stdout.decode("utf-8", "replace").splitlines()
        if found.returncode or not signers:
            return "signature", [f"{SIGNATURE}: not made with a key of {key}"]
        options = ("-f", allowed, "-I", signers[0], "-s", signature)
        done = _ssh_keygen("verify", *options, stdin=data)
    who = "the key in" if signers[0] == SIGNER else f"{signers[0]} of"
    return f"the signature is of {TAG_MANIFEST}, by {who} {key}", _faults(done)


def _is_armoured(data: bytes) -> bool:
    """Whether a file is an SSH signature byte for byte as ssh-keygen writes one."""
    lines = data.split(b"\n")
    try:
        blob = base64.b64decode(b"".join(lines[1:-2]), validate=True)
    except ValueError:
        return False
    text = base64.b64encode(blob)
    body = [text[at : at + ARMOUR_WIDTH] for at in range(0, len(text), ARMOUR_WIDTH)]
    return data == b"\n".join([ARMOUR[0], *body, ARMOUR[1], b""])


def _public_keys(key: Path) -> list[str] | None:
    """The public keys of a file; None for an allowed-signers file. Raises UsageError."""
    try:
        lines = key.read_text(encoding="utf-8").strip().splitlines()
    except (OSError, ValueError) as error:
        raise UsageError(f"{key}: no public key: {error}", "give a .pub file") from error
    if not lines or "PRIVATE KEY" in lines[0]:
        raise UsageError(f"{key}: no public key", "give the .pub file beside the private key")
    keys = [line for line in lines if line.strip() and not line.startswith("#")]
    return keys if all(KEY_LINE.match(line) for line in keys) else None


def _allowed_signers(key: Path, folder: Path) -> str:
    """An allowed-signers file: the one given, or one made of the public keys given."""
    keys = _public_keys(key)
    if keys is None:
        return str(key)
    file = folder / "allowed_signers"
    lines = (f'{SIGNER} namespaces="{NAMESPACE}" {each}\n' for each in keys)
    file.write_text("".join(lines), encoding="utf-8")
    return str(file)


def _ssh_keygen(
    action: str, *options: str, stdin: bytes | None
) -> subprocess.CompletedProcess[bytes]:
    program = shutil.which("ssh-keygen")
    if program is None:
        raise CannotRun("ssh-keygen: not found", "install OpenSSH's client")
    command = [program, "-Y", action, "-n", NAMESPACE, *options]
    return subprocess.run(command, input=stdin, capture_output=True, check=False)


def _faults(done: subprocess.CompletedProcess[bytes]) -> list[str]:
    return [f"{SIGNATURE}: {_said(done)}"] if done.returncode else []


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    return " ".join((done.stderr + done.stdout).decode("utf-8", "replace").split())
