"""Normal forms: text, dates and addresses."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from microfiche.dates import edtf_span, read_stated, utc_time
from microfiche.text import body_of, normal_line, split_paragraphs
from microfiche.url import read_address

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=80)
PIECES = st.lists(
    st.sampled_from(["a", "é", "e\u0301", " ", "\u00a0", "\n", "\n\n", "\r\n", "\t", "\u200b", "می‌شود",
                     "\u0301", "\u1161", "\u00b6", "“q”", "\x85", "\x00", "\u2028"]),
    max_size=14,
).map("".join)  # fmt: skip


@given(TEXT | PIECES)
def test_body_is_idempotent_and_normal(text: str) -> None:
    """Once in normal form, a text stays as it is; the quick check lets nothing else through."""
    once = body_of(text)
    assert body_of(once.text) == once
    assert unicodedata.is_normalized("NFC", once.text)
    assert once.text == "\n\n".join(split_paragraphs(text))
    assert once.octets == once.text.encode()


@given(TEXT | PIECES)
def test_counts_follow_from_the_normal_text(text: str) -> None:
    """Words are runs of non-space characters, paragraphs are what blank lines separate."""
    once = body_of(text)
    assume(once.text)
    assert once.n_words == len(once.text.split())
    assert once.n_paragraphs == len(once.text.split("\n\n"))


@given(TEXT | PIECES)
def test_normal_line_has_one_line_and_single_spaces(text: str) -> None:
    """No break, no doubled or outer space, no control character is left in a line."""
    line = normal_line(text)
    assert normal_line(line) == line
    assert line == " ".join(line.split())
    assert not any(unicodedata.category(c) == "Cc" for c in line)


def test_joiners_are_spelling_and_stay() -> None:
    """Persian keeps its zero-width non-joiner; no-break spaces become spaces."""
    assert normal_line("می\u200cشود\u00a0که") == "می\u200cشود که"


@pytest.mark.parametrize(
    ("value", "span"),
    [
        ("2014", ("2014-01-01", "2014-12-31")),
        ("2014-02", ("2014-02-01", "2014-02-28")),
        ("2016-02-29", ("2016-02-29", "2016-02-29")),
        ("2014~", ("2014-01-01", "2014-12-31")),
        ("2014-10-XX", ("2014-10-01", "2014-10-31")),
        ("201X", ("2010-01-01", "2019-12-31")),
        ("19XX", ("1900-01-01", "1999-12-31")),
        ("2012/2021-06-22", ("2012-01-01", "2021-06-22")),
        ("../2021", (None, "2021-12-31")),
        ("2021-06/..", ("2021-06-01", None)),
    ],
)
def test_edtf_spans(value: str, span: tuple[str | None, str | None]) -> None:
    """The subset's forms and the days they can mean."""
    found = edtf_span(value)
    assert found
    assert (found.earliest, found.latest) == span


@pytest.mark.parametrize(
    "value",
    ["1900-02-29", "2014-13", "2014-00", "2014-10-32", "0000", "0000-01-01", "10000", "../..", "2021/2014",
     "2014-10-03/", "", "2014-1-3", "201X-05", "XXXX", "2014-10-03T10:00:00Z", "2014\n"],
)  # fmt: skip
def test_what_is_no_edtf(value: str) -> None:
    """Impossible days and what other tools let pass are refused."""
    assert edtf_span(value) is None


@given(st.dates().map(lambda day: day.isoformat()))
def test_days_agree_with_the_edtf_library(value: str) -> None:
    """For plain days, months and years our spans are those of the `edtf` library."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import edtf

        for part in (value, value[:7], value[:4]):
            theirs = edtf.parse_edtf(part)
            lower, upper = theirs.lower_strict(), theirs.upper_strict()
            ours = edtf_span(part)
            assert ours
            assert ours.earliest == f"{lower.tm_year:04}-{lower.tm_mon:02}-{lower.tm_mday:02}"
            assert ours.latest == f"{upper.tm_year:04}-{upper.tm_mon:02}-{upper.tm_mday:02}"


def test_times() -> None:
    """A time needs its zone; its own day is what was published."""
    assert utc_time("2014-10-03T10:47:00+03:30") == "2014-10-03T07:17:00.000000Z"
    assert utc_time("2014-10-03T10:47:00") is None
    assert utc_time("2014-10-03T23:59:60Z") is None
    assert utc_time("2014-02-30T10:47:00Z") is None
    assert utc_time("0001-01-01T00:00:00+14:00") is None
    stated = read_stated("2014-10-03T00:30:00+03:30")
    assert stated
    assert (stated.published, stated.at) == ("2014-10-03", "2014-10-02T21:00:00.000000Z")


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("HTTP://WWW.Example.COM:80/a/../b/./c?b=2&a=1&utm_source=x#top", "http://www.example.com/b/c?a=1&b=2"),
        ("https://example.com", "https://example.com/"),
        ("https://example.com/caf%c3%a9/é", "https://example.com/caf%C3%A9/%C3%A9"),
        ("https://user:secret@example.com/x", "https://example.com/x"),
        ("https://bücher.example/x", "https://xn--bcher-kva.example/x"),
        ("https://example.com/web/2024/https://a.example/x", "https://example.com/web/2024/https://a.example/x"),
        ("https://example.com/?q=%e8&p=1", "https://example.com/?p=1&q=%E8"),
        ("https://example.com:8443/x", "https://example.com:8443/x"),
        ("https://example.com/../../x", "https://example.com/x"),
        ("https://example.com/#!/article/77", "https://example.com/#!/article/77"),
        ("https://example.com/app#/café/", "https://example.com/app#/caf%C3%A9"),
        ("https://example.com/#!/", "https://example.com/"),
        ("https://example.com/x;jsessionid=A1?id=3&PHPSESSID=9", "https://example.com/x?id=3"),
    ],
)  # fmt: skip
def test_addresses_in_normal_form(url: str, normal: str) -> None:
    """Two spellings of one address compare equal."""
    assert str(read_address(url)) == normal


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "file:///etc/passwd", "ftp://example.com/x", "https:///x", "//a.b/c",
            "https://[::1", "https://exa mple.com/", "https://a.b:99999/x", "localhost", "https://" + "a" * 9000],
)  # fmt: skip
def test_what_is_no_address(url: str) -> None:
    """Other schemes, no host, and what no parser takes are refused."""
    assert read_address(url) is None


@given(
    st.builds(
        "https://{}.example{}".format,
        st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True),
        TEXT.map(lambda t: "/" + t),
    )
)
def test_address_normal_form_is_idempotent(url: str) -> None:
    """A normal address is its own normal form, and plain ASCII."""
    address = read_address(url)
    if address:
        assert read_address(str(address)) == address
        assert str(address).isascii()
