"""The fingerprint from outside: test vectors, proofs and their stand-alone checker."""

from __future__ import annotations

import base64
import contextlib
import copy
import hashlib
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import REPOSITORY, Run
from microfiche.errors import DataError
from microfiche.fixity import audit_path, tree_root
from microfiche.library import open_release, path
from small import build, record, write
from vectors import page

GAZETTE = open_release(path("gazette"))
CHECKER = REPOSITORY / "docs" / "check_proof.py"
VECTORS = json.loads((REPOSITORY / "docs" / "vectors.json").read_bytes())


@pytest.fixture(scope="module")
def checker() -> ModuleType:
    """docs/check_proof.py as a module."""
    spec = importlib.util.spec_from_file_location("check_proof", CHECKER)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sha256(data: bytes) -> bytes:
    """Bytes to bytes."""
    return hashlib.sha256(data).digest()


def without(value: Any, left_out: set[str], prefix: str = "") -> Any:
    """A row as the specification's steps 1 to 3 leave it."""
    if isinstance(value, list):
        return [without(each, set(), "") for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: without(part, left_out, f"{prefix}{name}.")
        for name, part in value.items()
        if prefix + name not in left_out and part is not None and part != []
    }


def tree(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, as it is written."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"")
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + tree(leaves[:split]) + tree(leaves[split:]))


def test_vectors_are_what_the_code_gives() -> None:
    """docs/vectors.json is made anew, byte for byte."""
    assert (REPOSITORY / "docs" / "vectors.json").read_text("utf-8") == page()


@pytest.mark.parametrize("vector", VECTORS["records"], ids=lambda each: each["record_sha256"][:8])
def test_record_vectors_follow_from_the_specification(vector: dict[str, Any]) -> None:
    """With the standard library's JSON alone: the digested bytes, both digests, the bucket."""
    core = without(vector["row"], set(vector["left_out"]))
    text = json.dumps(core, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    text = text.replace("\\u007f", "\x7f")
    assert text == vector["digested"]
    assert sha256(text.encode()).hex() == vector["record_sha256"]
    key = [vector["row"][name] for name in vector["key"]]
    digest = sha256(json.dumps(key, separators=(",", ":"), ensure_ascii=False).encode())
    assert digest.hex() == vector["key_sha256"]
    assert int(digest.hex()[:3], 16) == vector["bucket"]


def test_tree_and_release_vectors_follow_from_the_specification() -> None:
    """Heads, roots and fingerprints by the text of docs/fingerprint.md."""
    for each in VECTORS["trees"]:
        assert tree([bytes.fromhex(leaf) for leaf in each["leaves"]]).hex() == each["head"]
    for each in VECTORS["releases"]:
        for name, pairs in each["tables"].items():
            buckets: list[list[bytes]] = [[] for _ in range(4096)]
            for key, digest in pairs:
                leaf = sha256(b"\0" + bytes.fromhex(key) + bytes.fromhex(digest))
                buckets[int(key[:3], 16)].append(leaf)
            heads = [sha256(b"\0" + tree(bucket)) for bucket in buckets]
            assert tree(heads).hex() == each["roots"][name]
        top = [
            sha256(b"\0" + name.encode() + b"\0" + bytes.fromhex(root))
            for name, root in sorted(each["roots"].items())
            if name != "changes"
        ]
        head = base64.b32encode(tree(top)).decode().rstrip("=").lower()
        assert each["fingerprint"] == f"mf1:{head}"


def test_every_article_has_a_proof_and_it_is_of_nothing_else(checker: ModuleType) -> None:
    """Each proof holds for its own record; with any other's record or key it does not."""
    proofs = [GAZETTE.prove(row["article_id"]) for row in GAZETTE.rows("articles")]
    for number, proof in enumerate(proofs):
        assert checker.check(proof, GAZETTE.fingerprint) is None
        other = proofs[number - 1]
        for names in (["record"], ["key"], ["record", "key"], ["record", "key", "bucket"]):
            forged = copy.deepcopy(proof) | {name: other[name] for name in names}
            assert checker.check(forged, GAZETTE.fingerprint) is not None, names
    older = open_release(GAZETTE.root.parent / "1.0.0")
    assert checker.check(proofs[0], older.fingerprint) is not None


FORGERIES = st.sampled_from(["title", "text_sha256", "article_id", "outlet_id", "n_words"])


@given(FORGERIES, st.text(min_size=1, max_size=8))
def test_a_proof_is_of_every_value_of_its_record(field: str, value: str) -> None:
    """Whatever value is changed, the proof fails."""
    spec = importlib.util.spec_from_file_location("check_proof", CHECKER)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    forged = copy.deepcopy(VECTORS["proof"])
    if forged["record"][field] != value:
        forged["record"][field] = value
        assert module.check(forged, VECTORS["proof"]["fingerprint"]) is not None


@settings(max_examples=60)
@given(st.integers(1, 70), st.data())
def test_audit_paths_lead_to_the_root(size: int, data: st.DataObject) -> None:
    """For every size and place, and for no other leaf or place."""
    spec = importlib.util.spec_from_file_location("check_proof", CHECKER)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    leaves = [sha256(bytes([number])) for number in range(size)]
    place = data.draw(st.integers(0, size - 1))
    step = {"index": place, "size": size, "path": [h.hex() for h in audit_path(leaves, place)]}
    root = tree_root(leaves)
    assert module.climb(leaves[place], step) == root
    assert module.climb(sha256(b"another"), step) != root
    moved = {**step, "index": (place + 1) % size}
    with contextlib.suppress(ValueError):  # the path need not fit another place
        assert size == 1 or module.climb(leaves[place], moved) != root


@pytest.mark.parametrize(
    "broken",
    [
        b"", b"[]", b"{}", b'{"format": "mf1-proof"}', b"\xff", b"null", b"[" * 5000,
        json.dumps(VECTORS["proof"] | {"bucket": {"index": -1, "size": 1, "path": []}}).encode(),
        json.dumps(VECTORS["proof"] | {"table_tree": {"index": 0, "size": 1, "path": []}}).encode(),
        json.dumps(VECTORS["proof"] | {"release": {"index": 0, "size": 1, "path": ["zz"]}}).encode(),
        json.dumps(VECTORS["proof"] | {"key": []}).encode(),
        json.dumps(VECTORS["proof"] | {"record": []}).encode(),
        json.dumps(VECTORS["proof"] | {"record": {"article_id": float("nan")}}).encode(),
    ],
)  # fmt: skip
def test_the_checker_refuses_what_is_no_proof(broken: bytes, tmp_path: Path) -> None:
    """A line and an exit code, never a traceback; with nothing but the standard library."""
    (tmp_path / "proof.json").write_bytes(broken)
    command = [sys.executable, "-I", "-S", CHECKER, tmp_path / "proof.json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr


def test_prove_and_check_on_the_command_line(tmp_path: Path, run: Run) -> None:
    """Also by an alias, also of a public release; the text is checked too."""
    records = [record(1), record(2, text=record(1)["text"] + " And more.")]
    root = write(tmp_path / "a", [*records, record(1, host="courier-mirror.example")])
    full, public = build(root), build(root, "public")
    for release in (full, public):
        article = "courier:n-1"
        done = run("prove", release.root, article, "--out", tmp_path / "p.json")
        assert done.returncode == 0, done.stderr
        text = full.article(article)["text"]
        (tmp_path / "text.txt").write_text(text)
        command = [sys.executable, "-I", "-S", CHECKER, tmp_path / "p.json", "--text"]
        stated = ["--fingerprint", full.fingerprint]
        for content, code in ((text, 0), (text + " ", 1)):
            (tmp_path / "text.txt").write_text(content)
            checked = subprocess.run(
                [*command, tmp_path / "text.txt", *stated],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert checked.returncode == code
            assert ("holds: 'courier:n-1'" in checked.stdout) == (code == 0)
        assert text not in (tmp_path / "p.json").read_text()
    with pytest.raises(DataError, match="no article"):
        full.prove("courier:n-99")
