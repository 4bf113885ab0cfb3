"""Checks that an article is in a release, from a proof alone; needs nothing but Python.

    python check_proof.py proof.json [--fingerprint mf1:...] [--text FILE]

Give the fingerprint as you know it from elsewhere: from a citation, a card, the release itself.
The text, in UTF-8 with one blank line between paragraphs, is checked against the record's digest.
The rules are those of fingerprint.md, beside this file.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from pathlib import Path

DIGEST = re.compile("[0-9a-f]{64}")
BUCKETS = 4096


def sha256(data):
    return hashlib.sha256(data).digest()


def canonical(value):
    """RFC 8785 JSON of a value without floats and with ASCII keys."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8")


def climb(leaf, step):
    """The tree head that a leaf hash and its audit path lead to (RFC 9162, 2.1.3.2)."""
    index, last, head = step["index"], step["size"] - 1, leaf
    if type(index) is not int or type(step["size"]) is not int or not 0 <= index <= last:
        raise ValueError("the leaf lies outside its tree")
    for digits in step["path"]:
        if last == 0 or not DIGEST.fullmatch(digits):
            raise ValueError("the audit path does not fit its tree")
        other = bytes.fromhex(digits)
        if index % 2 or index == last:
            head = sha256(b"\x01" + other + head)
            while index % 2 == 0 and index:
                index, last = index // 2, last // 2
        else:
            head = sha256(b"\x01" + head + other)
        index, last = index // 2, last // 2
    if last:
        raise ValueError("the audit path is too short")
    return head


def fingerprint(proof):
    """The fingerprint that a proof leads to."""
    key, record = sha256(canonical(proof["key"])), sha256(canonical(proof["record"]))
    in_table = proof["table_tree"]
    if (in_table["index"], in_table["size"]) != (key[0] << 4 | key[1] >> 4, BUCKETS):
        raise ValueError("the record lies in another bucket than its key says")
    if proof["record"].get("article_id") != proof["key"][0]:
        raise ValueError("the key is not the record's")
    bucket = climb(sha256(b"\x00" + key + record), proof["bucket"])
    table = climb(sha256(b"\x00" + bucket), in_table)
    name = proof["table"].encode()
    head = climb(sha256(b"\x00" + name + b"\x00" + table), proof["release"])
    return "mf1:" + base64.b32encode(head).decode().rstrip("=").lower()


def check(proof, stated=None, text=None):
    """What is wrong with a proof, in words; None if it holds."""
    try:
        if proof["format"] != "mf1-proof" or proof["table"] != "articles":
            return "this is no mf1-proof of an article"
        found = fingerprint(proof)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError) as error:
        return f"the proof is broken: {error}"
    expected = proof.get("fingerprint") if stated is None else stated
    if found != expected:
        return f"it leads to {found}, not to {expected}"
    if text is not None and hashlib.sha256(text).hexdigest() != proof["record"].get("text_sha256"):
        return "the text is not the article's"
    return None


def main():
    parser = argparse.ArgumentParser(description="Check that an article is in a release.")
    parser.add_argument("proof", type=Path)
    parser.add_argument("--fingerprint", help="the release's, as you know it from elsewhere")
    parser.add_argument("--text", type=Path, help="the article's text, to be checked too")
    given = parser.parse_args()
    try:
        proof = json.loads(given.proof.read_bytes())
        text = given.text.read_bytes() if given.text else None
    except (OSError, ValueError, RecursionError) as error:
        sys.exit(f"error: {error}")
    fault = check(proof, given.fingerprint, text)
    if fault:
        sys.exit(f"does NOT hold: {fault!a}")
    record = proof["record"]
    own = given.fingerprint is None
    where = "the fingerprint in the proof" if own else "the fingerprint you gave"
    print(f"holds: {record['article_id']!a}, {record.get('title')!a}, is under {where}")
    print(f"       {fingerprint(proof)}")


if __name__ == "__main__":
    main()
