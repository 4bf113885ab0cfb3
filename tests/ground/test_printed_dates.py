"""Dates as pages print them, in the languages and calendars of the world."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date
from hypothesis import given, settings
from hypothesis import strategies as st

from microfiche.dates.printed import find_dates, read_date_lines

LANGUAGES = (
    "en en_GB fr de es pt it nl pl tr ru uk ar ar_SY he hi bn ur id sw sv da fi cs ro hu el bg vi ca"
).split()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", ["long", "full"])
def test_every_month_of_a_language(language: str, form: str) -> None:
    """As babel writes its days, with the day of the week and without."""
    for month in range(1, 13):
        day = date(2021, month, 2 * month)
        line = format_date(day, format=form, locale=language)
        (found,) = read_date_lines(line) or [None]
        assert found is not None, line
        assert found.stated.published == day.isoformat(), line


@pytest.mark.parametrize(
    ("line", "published", "at", "label"),
    [
        ("5 мая 2020, 12:00 МСК", "2020-05-05", "2020-05-05T09:00:00.000000Z", None),
        ("2021-03-05 10:20 Asia/Tehran", "2021-03-05", "2021-03-05T06:50:00.000000Z", None),
        ("13/04/2014 10:20 GMT+3", "2014-04-13", "2014-04-13T07:20:00.000000Z", None),
        ("Wed, 05 Mar 2021 10:20:33 EDT", "2021-03-05", "2021-03-05T14:20:33.000000Z", None),
        ("Publish Date: 11:19 - 05 May 2014", "2014-05-05", None, "published"),
        ("Publish dateThursday 2 October 2014", "2014-10-02", None, "published"),
        ("October 2, 201410:47 AM", "2014-10-02", None, None),
        ("2024年3月5日 10:20", "2024-03-05", None, None),
        ("2024년 3월 5일", "2024-03-05", None, None),
        ("سه‌شنبه ۷ مرداد ۱۴۰۴ - ۱۰:۲۰", "2025-07-29", None, None),
        ("۱۴۰۲/۰۵/۰۷ ۱۲:۳۰", "2023-07-29", None, None),
        ("12 رمضان 1445", "2024-03-22", None, None),
        ("5 มีนาคม 2567", "2024-03-05", None, None),
        ("٥ مارس ٢٠٢١", "2021-03-05", None, None),
        ("mis à jour le lundi 3 février 2020 à 10h29", "2020-02-03", None, "modified"),
        ("10:20 CST 5 March 2021", "2021-03-05", None, None),
        ("3/4/2014", "2014", None, None),
    ],
)
def test_forms(line: str, published: str, at: str | None, label: str | None) -> None:
    """Zones by name and place, calendars, scripts, labels and what is glued to them."""
    (found,) = read_date_lines(line)
    assert (found.stated.published, found.stated.at, found.label) == (published, at, label)


def test_the_day_comes_first_where_it_does() -> None:
    """If the language says so, or dots do; what is no such day stays the year."""
    assert read_date_lines("03/05/2021", order="day")[0].stated.published == "2021-05-03"
    assert read_date_lines("03/05/2021")[0].stated.published == "2021"
    assert read_date_lines("03.05.2021")[0].stated.published == "2021-05-03"
    assert read_date_lines("03.13.2021", order="day") == []


def test_years_in_two_digits() -> None:
    """Behind a day and a month in two digits, and nowhere else."""
    assert read_date_lines("31.10.23")[0].stated.published == "2023-10-31"
    assert read_date_lines("26/10/98")[0].stated.published == "1998-10-26"
    assert read_date_lines("12.25.2014")[0].stated.published == "2014-12-25"
    for line in ("1.2.23", "10.30.20", "192.168.10.20", "10.10.10.10", "23:10.20"):
        assert read_date_lines(line) == []


def test_dates_within_a_line() -> None:
    """Where they begin and end; what stands beside them is left."""
    line = "Xinhua | Updated: 2017-05-20 20:39 | 3 min"
    (found,) = find_dates(line)
    assert line[found.start : found.end].strip(" |") == "Updated: 2017-05-20 20:39"
    assert found.line.stated.clock == "20:39:00"
    assert read_date_lines(line) == []
    both = read_date_lines("Fri May 25, 2018 10:26PM [Updated: Fri May 25, 2018 10:29PM ]")
    assert [(each.label, each.stated.clock) for each in both] == [
        (None, "22:26:00"),
        ("modified", "22:29:00"),
    ]


def test_what_is_no_day_is_none() -> None:
    """Days that no calendar has, and hours that no day has."""
    for line in ("31 February 2021", "31 اسفند 1402", "45 March 2021", "2021-13-41", "0/0/2021"):
        assert all(len(each.line.stated.published) < 10 for each in find_dates(line)), line
    (found,) = read_date_lines("5 March 2021, 27:99")
    assert (found.stated.published, found.stated.clock) == ("2021-03-05", None)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="0123456789./-: ,MarchаяمАдmпн年月日()|", max_size=60))
def test_no_line_is_too_strange(line: str) -> None:
    """Whatever stands in it, what is found lies in it and is a date."""
    for found in find_dates(line, ZoneInfo("Asia/Tehran")):
        assert 0 <= found.start < found.end <= len(line)
        assert found.line.stated.published
