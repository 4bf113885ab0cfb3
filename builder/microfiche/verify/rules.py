"""The rules of a release: a code for each clause of what one is, by which faults are told.

`docs/conformance.md` has them all; `tests/builders/conformance.py` makes releases that break one
each.
"""

from __future__ import annotations

from typing import NamedTuple


class Rule(NamedTuple):
    """One clause: a stable code, and what holds of every release."""

    code: str
    clause: str

    def __call__(self, fault: str) -> str:
        """A fault against the rule, in words, with its code."""
        return f"{self.code} {fault}"


# What nothing can be said of
UNREADABLE = Rule("R100", "what is checked can be read")
# Files
LISTED = Rule("R101", "every file is listed in a manifest")
PLACED = Rule("R102", "data/ is listed in manifest-sha256.txt, all else in tagmanifest-sha256.txt")
PRESENT = Rule("R103", "every file that is listed is there")
FILE_DIGEST = Rule("R104", "every file has the SHA-256 that is listed")
MANIFESTS = Rule("R105", "the manifests are there, in their canonical form")
FOLDERS = Rule("R106", "no folder is empty, or a link")
REGULAR = Rule("R107", "every file is a regular one")
RELEASE = Rule("R108", "release.json is valid, and names files under data/ alone")
BOUNDED = Rule("R109", "no row group decodes to more than 512 MiB")
FOREIGN = Rule("R110", "no file is there but those that a release has")
# Tables
COLUMNS = Rule("R201", "a file has the columns of its table's schema, in their order")
COVERED = Rule("R202", "a schema leaves out of record digests what this builder's does, no more")
STATISTICS = Rule("R203", "a public release has no statistics of what it withholds")
N_ROWS = Rule("R204", "release.json counts the rows of each file and table")
SIZE = Rule("R205", "release.json has the size of each file")
ORDER = Rule(
    "R206", "within each file rows stand in the order of their table, by the columns that are shown"
)
# Records
VALID = Rule("R301", "every row is valid by its schema")
RECORD_DIGEST = Rule("R302", "record_sha256 is the digest of its row")
UNIQUE = Rule("R303", "no two rows of a table have one key")
ROOT = Rule("R304", "release.json has the Merkle root of each table")
FINGERPRINT = Rule("R305", "release.json has the fingerprint over all roots")
REVISION_ID = Rule("R306", "revision_id is the digest of headline, standfirst, text and captions")
DAYS = Rule("R307", "published_earliest and published_latest are what published means")
DOMAIN = Rule("R308", "domain is the host of url")
WORDS = Rule("R309", "n_words and n_paragraphs are those of the text")
CONTENT_DIGEST = Rule("R310", "texts, captions, lines and corrections have their digests")
SHOWN = Rule("R311", "text_access says what is shown of the text")
WITHHELD = Rule("R312", "a public release is without what its schemas withhold")
# What rows say of each other
NAMED = Rule("R401", "ids name rows of the tables that they are of")
LINKS = Rule("R402", "links say what the articles do")
EARLIER_TEXTS = Rule(
    "R403", "a public release shows earlier texts by the outlet's own rights alone"
)
COUNTS = Rule("R404", "an article counts its captures and revisions")
COVERAGE = Rule("R405", "coverage counts the articles of each month")
CORRECTED = Rule("R406", "corrections are named as sources where they were made")
WITHDRAWN = Rule("R407", "what is withdrawn is in no other table")
# Descriptions
DESCRIBED = Rule("R501", "descriptions follow from release.json, source/ and the rows")
SCHEMAS = Rule("R502", "schema/ is that of the builder that is named")
AGREED = Rule("R503", "descriptions agree with release.json and the rows")
SOURCES = Rule("R504", "outlets and tombstones are as source/ has them")
CARD = Rule("R505", "the card's YAML follows from the data")
# Marks
MARKS = Rule("R601", "access, draft and restricted are as the data make them")
RIGHTS = Rule("R602", "a public release shows of each text what its rights allow")
# The chain
BEFORE = Rule("R701", "the release before is the one that is named")
VERSION = Rule("R702", "the version follows from what changed")
CHANGES = Rule("R703", "changes are what differs from the release before")
# What is checked when it is asked for
SIGNED = Rule("R801", "the signature is of this release, by the key that is given")
SUBSET = Rule("R802", "a subset has the members that a citation names")
LOADED = Rule("R803", "datasets loads the rows of the files")
REBUILT = Rule("R804", "the captures of the archive give the release again")

RULES = tuple(each for each in list(globals().values()) if isinstance(each, Rule))
