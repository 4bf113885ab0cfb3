"""What is wrong with data, or worth knowing about it. Owns the table of codes.

Findings are values: they are collected, sorted and rendered, never raised.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, get_args

from microfiche.errors import one_line

NUMBER = re.compile(r"([0-9]+)")
Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)  # the worst first


@dataclass(frozen=True, slots=True)
class Rule:
    """One stable code: how bad it is, what it means, what to do, and where the rule stands."""

    severity: Severity
    summary: str
    remedy: str
    source: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. `where` is a path in the archive, `place` a line, byte or JSON pointer.

    Ordered by these, numbers in places as numbers.
    """

    where: str
    place: str
    code: str
    message: str

    def __lt__(self, other: Finding) -> bool:
        return self._order() < other._order()

    def _order(self) -> tuple[Any, ...]:
        parts = NUMBER.split(self.place)
        numbers = [(len(each.lstrip("0")), each) for each in parts[1::2]]
        return self.where, parts[0], numbers, parts[2::2], self.code, self.message

    @property
    def severity(self) -> Severity:
        """Severity of the code."""
        return CODES[self.code].severity

    def __str__(self) -> str:
        rule = CODES[self.code]
        said = f"{rule.severity} {self.code}: {one_line(self.message)}; {rule.remedy}"
        return f"{self.at}: {said}"

    @property
    def at(self) -> str:
        """File and place, on one line."""
        return one_line(": ".join(filter(None, (self.where, self.place))))

    def as_json(self) -> dict[str, Any]:
        """The finding as a JSON object with the words of its code."""
        rule = CODES[self.code]
        return {
            "code": self.code,
            "severity": rule.severity,
            "where": self.where,
            "place": self.place,
            "message": self.message,
            "remedy": rule.remedy,
        }


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether any of the findings is an error."""
    return any(finding.severity == "error" for finding in findings)


def _error(summary: str, remedy: str, source: str) -> Rule:
    return Rule("error", summary, remedy, source)


def _warning(summary: str, remedy: str, source: str) -> Rule:
    return Rule("warning", summary, remedy, source)


def _note(summary: str, remedy: str, source: str) -> Rule:
    return Rule("note", summary, remedy, source)


CODES: dict[str, Rule] = {
    # The archive
    "MF101": _error(
        "a file the archive needs is missing",
        "write it, or start an archive with `microfiche init`",
        "docs/archive.md",
    ),
    "MF102": _error("a file breaks its schema", "correct the value at that place", "schema/"),
    "MF103": _error(
        "a file cannot be parsed", "correct the syntax at that place", "TOML 1.0, RFC 8259"
    ),
    "MF104": _warning(
        "the release will be a draft",
        "name creators and a license in raw/dataset.toml",
        "docs/releases.md",
    ),
    "MF105": _error(
        "a link or path leads out of raw/",
        "put the file itself under raw/captures/",
        "docs/archive.md",
    ),
    "MF106": _warning(
        "the text of some articles has no recorded basis for republishing",
        "record basis and evidence under [rights] in the outlet file, "
        "or keep the release restricted",
        "docs/releases.md",
    ),
    "MF107": _error(
        "a list of expected addresses cannot be read",
        "correct it or take it away; absence can be stated only from what is expected",
        "docs/archive.md",
    ),
    "MF108": _warning(
        "an expected address cannot be used",
        "give an absolute http or https address",
        "RFC 3986",
    ),
    "MF110": _warning(
        "questions of the datasheet are not answered",
        "answer them under their numbered headings in DATASHEET.md; "
        "`microfiche docs datasheet` has all",
        "docs/datasheet.md",
    ),
    "MF111": _warning(
        "a placeholder stands where something is to be written",
        "write it, or take the paragraph out; a build drops it",
        "docs/datasheet.md",
    ),
    "MF112": _warning(
        "a page states what the data deny",
        "correct the page, or leave the number to a generated block",
        "docs/datasheet.md",
    ),
    "MF113": _warning(
        "a day of issue, or of what was done by hand, cannot be",
        "see to the clock, to --date and to the file; a release that is out keeps its day",
        "docs/releases.md",
    ),
    "MF114": _warning(
        "what a release was given could not be recorded",
        'write it there under [versions."X.Y.Z"], or build with --date',
        "docs/releases.md",
    ),
    "MF115": _warning(
        "a license is no SPDX expression",
        "write an identifier of spdx.org/licenses, or LicenseRef-NAME for one of your own",
        "SPDX 2.3",
    ),
    # Outlets
    "MF201": _error(
        "an outlet file breaks its schema", "correct the value at that place", "schema/outlet.json"
    ),
    "MF202": _error(
        "two outlets claim one host at one time",
        "give the host to one of them, or date both claims with `valid`",
        "docs/outlets.md",
    ),
    "MF203": _error(
        "an outlet file is not named after its id",
        "rename the file to <id>.toml",
        "docs/outlets.md",
    ),
    "MF204": _error(
        "a pattern is no RE2 expression",
        "correct the expression; look-around and back-references are not RE2",
        "docs/outlets.md",
    ),
    "MF205": _error(
        "a selector is no CSS selector",
        "correct the selector; CSS level 3 is read",
        "docs/outlets.md",
    ),
    "MF206": _warning(
        "captures wait for an outlet file that is broken",
        "mend the outlet file first; nothing is known of them until then",
        "docs/outlets.md",
    ),
    # Reading captures
    "MF301": _error(
        "a capture is empty", "capture it again, or remove the file", "docs/captures.md"
    ),
    "MF302": _error(
        "a capture is no text in any known encoding",
        "remove the file, or convert it to text",
        "docs/captures.md",
    ),
    "MF303": _error(
        "a text holds NUL characters",
        "remove the file, or convert it from its real encoding",
        "docs/captures.md",
    ),
    "MF304": _error(
        "a capture is larger than the limit and was not read",
        "split it, or raise --max-capture-bytes",
        "docs/captures.md",
    ),
    "MF305": _error(
        "a file is of no kind microfiche reads",
        "name captures .txt, .html, .jsonl, .warc, .warc.gz or .wacz",
        "docs/captures.md",
    ),
    "MF306": _warning(
        "bytes that mean nothing in the encoding were replaced",
        "capture the page again if the original can be had",
        "docs/captures.md",
    ),
    "MF307": _error(
        "a line is no JSON object", "correct the line; every other line was read", "RFC 8259"
    ),
    "MF308": _warning(
        "a capture has no retrieval record",
        "say where it comes from: of a text or a page in a sidecar <file>.toml, of a record in its "
        "`retrieval`, of a table that is added with --retrieved-at",
        "docs/captures.md",
    ),
    "MF309": _error(
        "a retrieval record breaks its schema",
        "correct the value or remove the key",
        "schema/retrieval.json",
    ),
    "MF310": _error(
        "a retrieval record is about no file of its folder",
        "correct the path, or remove the record",
        "docs/captures.md",
    ),
    "MF311": _error(
        "a capture has two retrieval records",
        "keep the sidecar or the line, not both",
        "docs/captures.md",
    ),
    "MF312": _error(
        "a capture cannot be read", "make the file readable, or remove it", "docs/captures.md"
    ),
    "MF313": _error(
        "a record of a WARC file is broken",
        "capture it again, or restore the file from a copy; every other record was read",
        "ISO 28500",
    ),
    "MF316": _error(
        "a WACZ file, or a WARC file in it, is broken",
        "restore the file from a copy; what can be read of it was read",
        "WACZ 1.1.1",
    ),
    "MF317": _warning(
        "a header of a WARC record cannot be used and was left out",
        "nothing to do: the record was read without it",
        "ISO 28500",
    ),
    "MF318": _error(
        "a page has more markup, or a text more lines, than is read",
        "nothing to do: no article needs that much; remove the file if it is none, split it if it "
        "holds several",
        "docs/captures.md",
    ),
    "MF319": _error(
        "a PDF gives no text",
        "install what the message names, or save its text as .txt and add that",
        "docs/captures.md",
    ),
    "MF320": _warning(
        "a capture lies here twice, and is told of in two ways",
        "keep one of the files, with what is right; or state the time of each retrieval, if these "
        "were two",
        "docs/captures.md",
    ),
    "MF315": _note(
        "records of a WARC file that hold no article",
        "nothing to do: they are counted so that nothing is passed over in silence",
        "ISO 28500",
    ),
    # Records
    "MF401": _error(
        "a record breaks its schema", "correct the value or remove the key", "schema/record.json"
    ),
    "MF402": _error(
        "a capture is of no known outlet",
        "state outlet_id or url in its record, or write the outlet's file "
        "(`microfiche outlets` lists known ones)",
        "docs/outlets.md",
    ),
    "MF403": _error(
        "a record names an outlet that has no file",
        "write raw/outlets/<id>.toml or mend it, or run `microfiche outlets <id>`",
        "docs/outlets.md",
    ),
    "MF404": _error(
        "a capture of an article has no text",
        "give text or paragraphs, or state another outcome",
        "docs/captures.md",
    ),
    "MF405": _error(
        "an address cannot be used", "give an absolute http or https address", "RFC 3986, UTS 46"
    ),
    "MF406": _error(
        "a date is neither EDTF nor an RFC 3339 time",
        "write 2014-10-03, 2014-10, 2014~ or 2014-10-03T10:47:00+03:30",
        "docs/dates.md",
    ),
    # Extraction
    "MF501": _warning(
        "no date is stated",
        "nothing to do if the capture shows none; an address pattern or a form of dates in the "
        "outlet file can give one, and `microfiche correct` what is known from elsewhere",
        "docs/extraction.md",
    ),
    "MF502": _warning(
        "no headline was found",
        "nothing to do if the capture shows none; `microfiche correct` gives what is known from "
        "elsewhere",
        "docs/extraction.md",
    ),
    "MF503": _warning(
        "the capture seems cut short",
        "capture the page again if it can be had",
        "docs/extraction.md",
    ),
    "MF504": _warning(
        "a notice of alternate addresses names none",
        "nothing to do: the names were lost before the capture came here",
        "docs/extraction.md",
    ),
    "MF505": _warning(
        "the capture shows a notice, a list or a front page, no article",
        "nothing to do: it is kept as an observation; state `outcome` in its retrieval record "
        "if it is something else",
        "docs/captures.md",
    ),
    "MF506": _warning(
        "a second article seems to stand in the capture",
        "cut the file in two, each with its own retrieval record",
        "docs/extraction.md",
    ),
    # Plausibility
    "MF701": _warning(
        "an article is dated after its retrieval",
        "check the date, or the time of retrieval",
        "docs/findings.md",
    ),
    "MF702": _warning(
        "a native id is out of step with the date",
        "check the date: the outlet's ids rise with it",
        "docs/findings.md",
    ),
    "MF703": _warning(
        "the language is none of the outlet's",
        "check the outlet, or add the language to its file",
        "docs/findings.md",
    ),
    "MF704": _warning(
        "the headline is the outlet's name",
        "check the capture: the headline is likely missing; `microfiche correct` can give it",
        "docs/findings.md",
    ),
    "MF705": _warning(
        "the capture shows a few words only",
        "capture the page again if more of it can be had",
        "docs/findings.md",
    ),
    "MF706": _warning(
        "the text stands in the capture twice",
        "check the capture: a print view or a widget may repeat the article; `ends_before` in the "
        "outlet file cuts it, or `microfiche correct` puts the text right",
        "docs/findings.md",
    ),
    "MF707": _warning(
        "the text was once read in a wrong encoding",
        "take the text from another capture if there is one, or put it right with `microfiche "
        "correct`; nothing is repaired silently",
        "docs/findings.md",
    ),
    "MF708": _warning(
        "the host is none of the outlet's",
        "add the host to the outlet's file, or correct outlet_id or url",
        "docs/outlets.md",
    ),
    "MF709": _warning(
        "the page names a host as canonical that is none of the outlet's",
        "check whose article it is, or add the host to the outlet's file",
        "docs/outlets.md",
    ),
    "MF710": _warning(
        "captures of one id are of different articles",
        "correct the outlet's address pattern, or join the two in raw/aliases.jsonl "
        "{old_id, new_id, reason}",
        "docs/identity.md",
    ),
    # Identity
    "MF507": _warning(
        "one article is judged in two ways under one name",
        "correct the table, or state the one that counts in raw/annotations.jsonl",
        "docs/captures.md",
    ),
    "MF508": _warning(
        "a correction is of another value than is read now",
        "look with `microfiche read`; write the line anew with `microfiche correct`, or take it "
        "away if what is read now is right",
        "docs/corrections.md",
    ),
    "MF601": _error(
        "a published id resolves no more",
        "write the id it became to raw/aliases.jsonl {old_id, new_id, reason}, "
        "or withdraw it in raw/withdrawals.jsonl",
        "docs/identity.md",
    ),
    "MF602": _error(
        "a capture of the last release is gone from raw/",
        "put the file back, withdraw its article, or say in raw/replaced.jsonl {old, new, reason, "
        "by, date} what stands in its place (`microfiche add --replace` does)",
        "docs/identity.md",
    ),
    "MF603": _error(
        "an alias, annotation, correction or withdrawal names what is not there",
        "correct the id, or take the line away",
        "docs/identity.md",
    ),
    "MF604": _error(
        "a withdrawal that a release carries is no longer in force",
        "put its line back into raw/withdrawals.jsonl, or lift it there by a line "
        "{article_id, lifts, reason, date, authority}",
        "docs/identity.md",
    ),
    "MF605": _error(
        "a line lifts a withdrawal that is not in force",
        "correct its article_id or lifts, which is the reason of the withdrawal",
        "docs/identity.md",
    ),
    "MF606": _warning(
        "an article is withdrawn with one whose text or address it has",
        "if it is to stay, lift it by a line {article_id, lifts, reason, date, authority} in "
        "raw/withdrawals.jsonl",
        "docs/identity.md",
    ),
    "MF607": _warning(
        "less of a text is shown, since another that it is alike to is shown less",
        'if the outlet may publish it, write reprints = "own" with basis and evidence under '
        "[rights] in its file",
        "docs/releases.md",
    ),
    "MF608": _error(
        "a file of the archive tells of an article that is withdrawn for privacy or safety",
        "take the words out there; a release carries the file",
        "docs/identity.md",
    ),
    "MF610": _warning(
        "a capture that was replaced is still here",
        "remove its file, or take the line away",
        "docs/corrections.md",
    ),
    "MF609": _warning(
        "a published article is none by today's reading",
        'if it is one, state outcome = "article" in its record; else `build --reread` withdraws it '
        "with the reason not-an-article",
        "docs/identity.md",
    ),
}
