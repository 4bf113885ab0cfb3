"""Text extraction: pages as people save them, each rule with a page that needs it."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import REPOSITORY
from microfiche.captures.textfile import decode
from microfiche.dates.printed import read_date_line
from microfiche.extract import Description
from microfiche.extract.boilerplate import removed_as
from microfiche.extract.layout import unwrapped
from microfiche.extract.text import describe_text
from microfiche.outlets.outlet import Outlet

PLAIN = Outlet({"id": "nobody", "name": "Nobody"})
COURIER = Outlet(
    {
        "id": "courier",
        "name": "Harbour Courier",
        "time_zone": "Asia/Tehran",
        "boilerplate": [{"line": "Printed on the quay", "kind": "promotion"}],
    }
)
ONE = "The harbour office opened its ledger room to readers on Monday, after two winters of work."
TWO = "Nobody had counted the volumes before, and the list now names four hundred and twelve."
THREE = (
    "Readers need no appointment, but they are asked to bring a pencil and to leave their coats."
)
FA = "دفتر بندر روز دوشنبه اتاق دفترهای کهن خود را پس از دو زمستان کار به روی خوانندگان گشود."
FA_2 = "هیچ‌کس پیش از این شمار دفترها را نمی‌دانست و اکنون فهرست چهارصد و دوازده جلد را نام می‌برد."


def page(*lines: str, outlet: Outlet = PLAIN) -> Description:
    """Description of a page of these lines, with blank lines between them."""
    return describe_text("\n\n".join(lines), outlet)


def test_headline_and_paragraphs() -> None:
    """The simplest page of an outlet nobody knows: a headline and text."""
    found = page("Ledger room opens", ONE, TWO)
    assert found.title == "Ledger room opens"
    assert found.text == f"{ONE}\n\n{TWO}"
    assert [fault.code for fault in found.faults] == ["MF501"]


@pytest.mark.parametrize(
    ("line", "path"),
    [
        (
            "News\u00a0\u00a0/\u00a0\u00a0Harbour\u00a0\u00a0/\u00a0\u00a0Rooms",
            ["News", "Harbour", "Rooms"],
        ),
        ("Home > World > Rooms", ["World", "Rooms"]),
        ("Accueil » Ville", ["Ville"]),
        ("You are here: x", []),
    ],
)
def test_breadcrumbs(line: str, path: list[str]) -> None:
    """Separators padded with no-break spaces too; the home page is no section."""
    found = page(line, "Ledger room opens", ONE, TWO)
    assert found.section_path == path
    if path:
        assert found.title == "Ledger room opens"
        assert len(found.removed_lines) == 1


def test_section_label_above_the_headline() -> None:
    """One or two words above a headline are its section."""
    found = page("Politics", "Ledger room opens to all readers", ONE, TWO)
    assert found.section_path == ["Politics"]
    assert found.title == "Ledger room opens to all readers"


def test_missing_headline() -> None:
    """A page that begins with running text has no title: none is made up."""
    found = page(ONE, TWO, THREE)
    assert found.title is None
    assert found.text.startswith(ONE)
    assert "MF502" in {fault.code for fault in found.faults}


def test_repeated_headline_is_kept_once() -> None:
    """A headline printed again, or reused as the caption, is no paragraph."""
    found = page("Ledger room opens", "Ledger room opens", ONE, TWO)
    assert found.title == "Ledger room opens"
    assert found.text == f"{ONE}\n\n{TWO}"
    assert found.removed_lines == ["Ledger room opens"]


def test_head_with_everything() -> None:
    """Standfirst, byline, date and caption each find their field."""
    found = page(
        "Ledger room opens", "Two winters of cleaning are over", "By Ada Quill and Ben Reed",
        "Published: 3 October 2014", "A shelf in the ledger room. (File photo)", f"HARBOUR — {ONE}", TWO,
    )  # fmt: skip
    assert found.subtitle == "Two winters of cleaning are over"
    assert found.byline == ["Ada Quill", "Ben Reed"]
    assert found.stated
    assert found.stated.published == "2014-10-03"
    assert found.captions == ["A shelf in the ledger room. (File photo)"]
    assert found.dateline == "HARBOUR"
    assert found.text == f"{ONE}\n\n{TWO}"


@pytest.mark.parametrize(
    "lines",
    [
        ["Ada Quill", "Harbour Courier, Tehran"],
        ["By Ada Quill | 3 October 2014"],
        ["By Ada Quill, Staff Writer"],
    ],
)
def test_bylines(lines: list[str]) -> None:
    """A name over outlet and city, a name with its date, a name with its role."""
    found = page("Ledger room opens", *lines, ONE, TWO, outlet=COURIER)
    assert found.byline == ["Ada Quill"]
    assert found.text == f"{ONE}\n\n{TWO}"


@pytest.mark.parametrize(
    ("opening", "place"),
    [
        ("TEHRAN — ", "TEHRAN"), ("BAGHDAD: ", "BAGHDAD"), ("CAIRO - ", "CAIRO"), ("LONDON -- ", "LONDON"),
        ("GAZA CITY, Palestine (AP) – ", "GAZA CITY, Palestine (AP)"), ("Beirut (Reuters) - ", "Beirut (Reuters)"),
        ("Lower Quay, Qu.- ", "Lower Quay, Qu"),
        ("LOWER QUAY, 30 SET - ", "LOWER QUAY, 30 SET"), ("(AGN) - LOWER QUAY, 12 MAR - ", "(AGN) - LOWER QUAY, 12 MAR"),
        ("ЗАЛИВ, 3 мар — Агентство. ", "ЗАЛИВ, 3 мар — Агентство"), ("BYEOKPO, April 11 (Hanbit) -- ", "BYEOKPO, April 11 (Hanbit)"),
        ("ПРИЧАЛ. 6 червня. АГН. ", "ПРИЧАЛ. 6 червня. АГН"), ("Verdict: ", None), ("Finally – ", None), ("NATO. ", None),
        ("المرسى 5 مارس / وأس / ", "المرسى 5 مارس / وأس /"), ("Причина: ", None), ("Update: ", None),
        ("", None), ("He said: ", None),
    ],
)  # fmt: skip
def test_datelines(opening: str, place: str | None) -> None:
    """The place that opens a text, whatever dash follows it; a verb with a colon is none."""
    found = page("Ledger room opens", opening + ONE, TWO)
    assert found.dateline == place
    assert found.text.startswith(ONE if place else opening + ONE)


@pytest.mark.parametrize(
    "caption",
    [
        "This file photo shows the ledger room in the northern wing, March 15, 2017.",
        "The ledger room (Photo by AFP)",
        "FILE - The ledger room in 2012, before it was cleaned.",
        "The ledger room in spring. © AFP",
        "The ledger room in the northern wing, March 15, 2017",
    ],
)
def test_captions(caption: str) -> None:
    """By how they open, by a closing credit, or by a closing date above the text."""
    found = page("Ledger room opens", caption, ONE, TWO)
    assert found.captions == [caption]
    assert found.text == f"{ONE}\n\n{TWO}"


@pytest.mark.parametrize(
    ("line", "published", "label"),
    [
        ("Thu Oct 2, 2014 10:47AM", "2014-10-02", None),
        ("Publish dateThursday 2 October 2014", "2014-10-02", "published"),
        ("October 2, 201410:47 AM", "2014-10-02", None),
        ("Last updated: 2014/10/02", "2014-10-02", "modified"),
        ("02/10/2014", "2014", None),
        ("02.10.2014", "2014-10-02", None),
        ("02.10.14", "2014-10-02", None),
        ("22.10.2014", "2014-10-22", None),
        ("Publié le 2 octobre 2014", "2014-10-02", "published"),
        ("2 октября 2014", "2014-10-02", None),
        ("تاریخ انتشار: ۲ اکتبر ۲۰۱۴", "2014-10-02", "published"),
        ("October 2014", "2014-10", None),
    ],
)
def test_date_lines(line: str, published: str, label: str | None) -> None:
    """Forms seen in the wild; where day and month can't be told apart only the year is known."""
    found = read_date_line(line)
    assert found
    assert (found.stated.published, found.label) == (published, label)
    assert found.stated.stated == line


@pytest.mark.parametrize(
    "line", ["30 February 2014", "In 2014 the room closed.", "12:30", "2014", ONE]
)
def test_what_is_no_date_line(line: str) -> None:
    """Impossible days, bare years and sentences are not dates of publication."""
    assert read_date_line(line) is None


def test_zones() -> None:
    """UTC is known when the zone is stated, or by the outlet file; otherwise it stays null."""
    stated = read_date_line("2 October 2014 10:47 GMT")
    own = read_date_line("2 October 2014 10:47", COURIER.zone)
    unknown = read_date_line("2 October 2014 10:47")
    assert stated
    assert own
    assert unknown
    assert (stated.stated.at, stated.stated.zone) == ("2014-10-02T10:47:00.000000Z", "stated")
    assert (own.stated.at, own.stated.zone) == ("2014-10-02T07:17:00.000000Z", "outlet")
    assert (unknown.stated.at, unknown.stated.zone) == (None, None)


def test_masthead_menu_and_clock_above_the_headline() -> None:
    """The outlet's own name, a log-in menu and a clock are neither headline, section nor date."""
    found = page(
        "Harbour Courier", "Sunday 15 November 2026", "Subscribe | Log in", "Home / News / Rooms",
        "Ledger room opens", "By Ada Quill and Ben Reed, transport correspondent",
        "Published 14 November 2026, 6.45am", "A shelf, seen from the door. Photograph: Ada Quill/Courier",
        f"LOWER QUAY — {ONE}", "Related: The lamp above the door", TWO, outlet=COURIER,
    )  # fmt: skip
    assert found.title == "Ledger room opens"
    assert found.section_path == ["News", "Rooms"]
    assert found.byline == ["Ada Quill", "Ben Reed"]
    assert found.stated
    assert found.stated.published == "2026-11-14"
    assert found.captions == ["A shelf, seen from the door. Photograph: Ada Quill/Courier"]
    assert found.dateline == "LOWER QUAY"
    assert found.text == f"{ONE}\n\n{TWO}"


def test_a_french_page() -> None:
    """Published and modified on one line, French furniture, keywords with a space before the colon."""
    found = page(
        "Partager sur Facebook", "Le phare rouvre", "Publié le 12 novembre 2026 à 18h30 - Mis à jour le 13 novembre 2026 à 07h15",
        f"KERVAL (Finistère) - {ONE}", "Lire aussi : La criée ferme", TWO, THREE, "Mots-clés : phare, Kerval",
        "Laisser un commentaire", "Mentions légales", outlet=COURIER,
    )  # fmt: skip
    assert found.title == "Le phare rouvre"
    assert found.stated
    assert found.stated.published == "2026-11-12"
    assert found.modified_at == "2026-11-13T03:45:00.000000Z"
    assert found.keywords == ["phare", "Kerval"]
    assert found.dateline == "KERVAL (Finistère)"
    assert found.text == f"{ONE}\n\n{TWO}\n\n{THREE}"


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        (["Text: Ada Quill"], ["Ada Quill"]),
        (["Текст: Ада Перо"], ["Ада Перо"]),
        (["Haber: Ada Quill"], ["Ada Quill"]),
        (["Harbour Courier - Ada Quill"], ["Ada Quill"]),
        (["Ada Quill - Harbour Courier"], ["Ada Quill"]),
        (["Ada Quill | Transport Correspondent"], ["Ada Quill"]),
        (["ادا قلم - خبرنگار بندر"], ["ادا قلم"]),
        (["Ada Quill, Hinterau", "Publiziert am 11.08.2022 – 18.30 Uhr"], ["Ada Quill"]),
        (["Ada Quill", "2 min read"], ["Ada Quill"]),
        (["Harbour Courier"], []),
        (["Giriş Tarihi: 12.03.2021 14:35 Güncelleme Tarihi: 12.03.2021 15:02"], []),
        (["Abone ol", "12 Mart 2021"], []),
    ],
)  # fmt: skip
def test_who_wrote_stands_beside_a_label_the_outlet_a_post_or_a_place(
    lines: list[str], names: list[str]
) -> None:
    """In the line itself, or by a date or a time of reading next to it."""
    found = page("Ledger room opens", *lines, ONE, TWO, THREE, outlet=COURIER)
    assert list(found.byline) == names
    assert found.title == "Ledger room opens"
    assert found.text == f"{ONE}\n\n{TWO}\n\n{THREE}"


@pytest.mark.parametrize(
    "credit",
    [
        "Photo: Ada Quill",
        "Bild: zvg",
        "Foto: Ada Quill/Courier",
        "عکس: ادا قلم",
        "courier.example / Ada Quill",
    ],
)
def test_a_credit_by_itself_tells_that_the_line_above_is_a_caption(credit: str) -> None:
    """It says nothing of what the picture shows."""
    shown = "The ledger room, seen from the door."
    found = page("Ledger room opens", "3 May 2021", shown, credit, ONE, TWO, THREE)
    assert found.captions == [shown]
    assert found.text == f"{ONE}\n\n{TWO}\n\n{THREE}"
    assert credit in found.removed_lines


@pytest.mark.parametrize(
    "credit", ["(Fotoğraf: Ada Quill)", "(Arşiv)", "(أ ف ب)", "(Foto: Ada Quill)", "(из архива)"]
)
def test_captions_close_with_a_credit_in_many_languages(credit: str) -> None:
    """As the line stands; a picture that is told twice has one."""
    shown = f"The ledger room, seen from the door. {credit}"
    found = page("Ledger room opens", shown, ONE, TWO, shown, THREE)
    assert found.captions == [shown]
    assert found.text == f"{ONE}\n\n{TWO}\n\n{THREE}"


def test_what_stands_around_a_text_in_other_languages() -> None:
    """Labels of dates that are lost, codes, marks of media, tags, notes of a newsroom."""
    found = page(
        "شناسه خبر: 84372", "Ledger room opens", "Published:", "(Foto) (Vídeo)", ONE, TWO, THREE,
        "Reach Ada Quill at 555-0142.", "This story is free to republish under our guidelines.",
        "Etiketler: ledgers, quay | rooms",
    )  # fmt: skip
    assert (found.title, found.keywords) == ("Ledger room opens", ["ledgers", "quay", "rooms"])
    assert found.text == f"{ONE}\n\n{TWO}\n\n{THREE}"


@pytest.mark.parametrize("opening", ["Hinterau – ", "HINTERAU. "])
def test_a_word_that_opens_a_text_is_a_place_if_it_is_named_again(opening: str) -> None:
    """Else it may be a word of the first sentence."""
    found = page("Ledger room opens in Hinterau", opening + ONE, TWO)
    assert found.dateline == opening.rstrip(" –.")
    assert found.text == f"{ONE}\n\n{TWO}"


# What has the words of furniture, captions, datelines or names and is text all the same.
TEXTS = (
    "Supporters waved flags and the video went viral on TikTok, the office said.",
    "Volgens de politie stond de video al twee dagen op Facebook en WhatsApp.",
    "Anyone with information is asked to contact police by e-mail at tips@quay.example.",
    "“We will fight on until the ledger room is open again” (Ada Quill)",
    "The room will be run by the city from May (Harbour Courier), he said.",
    "I contenuti del piano sono stati illustrati dal sindaco ai lettori della sala.",
    "Copyright law will be changed in spring, the minister said in the ledger room.",
    "The app may be shared by residents free of charge, the harbour office said.",
    "Además: la alcaldesa anunció que la sala abrirá también los domingos.",
    "He submitted photos from the accident to the police on the same evening.",
    "Ada Quill is survived by two sons and a daughter, the harbour office said.",
    "Correction fluid: the stuff that everyone in the ledger room used in the nineties.",
)


@pytest.mark.parametrize("line", TEXTS)
def test_sentences_are_text_whatever_words_they_have(line: str) -> None:
    """In the middle of an article, and at its end."""
    assert page("Ledger room opens", ONE, line, TWO, THREE).text.split("\n\n")[1] == line
    about = page("Ada Quill and the ledger room", "By Ada Quill", ONE, TWO, THREE, line)
    assert about.text.split("\n\n")[-1] == line


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Metro strike", "Metro"), ("Time is up", "Time"), ("El país arde", "El País"), ("首相訪米へ 日米首脳会談 関税協議", "Q"),
        ("new bridge over old river", "Q"), ("Support for bridge grows on Facebook", "Q"), ("«Quay» opens a room", "Q"),
    ],
)  # fmt: skip
def test_headlines_may_have_the_outlet_s_name_or_words_of_buttons(title: str, name: str) -> None:
    """A name of one word is the outlet's only if it stands alone."""
    outlet = Outlet({"id": "q", "name": name})
    found = page(title, "3 May 2021", ONE, TWO, THREE, outlet=outlet)
    assert found.title == title
    assert found.text == f"{ONE}\n\n{TWO}\n\n{THREE}"


@pytest.mark.parametrize("line", ["Supreme Court", "Ledger Room", "Bitter Defeat"])
def test_what_the_text_speaks_of_is_no_author(line: str) -> None:
    """A short line between headline and text."""
    spoken = f"{THREE} The Supreme Court saw no defeat in it."
    assert page("Ledger room opens", line, ONE, TWO, spoken).byline == []


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("https://quay.example/news/ledger-room-opens-to-all-readers-88213", "Ledger room opens to all readers"),
        ("https://quay.example/news/88213", None),
        (None, None),
    ],
)  # fmt: skip
def test_the_words_of_an_address_tell_the_headline(address: str | None, title: str | None) -> None:
    """Where other lines look as much like one."""
    lines = [
        "Journal of the lower quay and its people",
        "Ledger room opens to all readers",
        ONE,
        TWO,
    ]
    found = describe_text("\n\n".join(lines), PLAIN, address)
    assert title in (None, found.title)
    assert found.text == f"{ONE}\n\n{TWO}"


def test_a_last_paragraph_on_the_author_is_none_of_the_text() -> None:
    """Nor is what stands in brackets of Japanese news; a name below the text is the author's."""
    told = page(
        "Ledger room opens",
        "By Ada Quill",
        ONE,
        TWO,
        THREE,
        "Ada Quill is a writer from Lower Quay.",
    )
    assert told.text == f"{ONE}\n\n{TWO}\n\n{THREE}"
    signed = page(
        "帳簿室が開く", f"{ONE}", f"{TWO}", "港湾事務所は来週、読者を迎える。【羽根美緒、海野岳志】"
    )
    assert (signed.byline, signed.text[-1]) == (["羽根美緒", "海野岳志"], "。")
    assert page("Ledger room opens", ONE, TWO, THREE, "Ada Quill").byline == ["Ada Quill"]


@pytest.mark.parametrize(
    "line",
    [
        "ByAda QuillChief Reporter", "By ADA QUILL | quill@courier.example | Harbour Courier", "Ein Beitrag von Ada Quill",
        "Ada Quill in Hinterau | Ben Reed with wires", "Article écrit par Ada Quill", "di Ada Quill", "Ada Quill, Reporter",
    ],
)  # fmt: skip
def test_names_are_taken_out_of_what_stands_beside_them(line: str) -> None:
    """Posts, addresses of mail, places, agencies."""
    found = page("Ledger room opens", line, "3 May 2021", ONE, TWO, THREE, outlet=COURIER)
    assert [name.title() for name in found.byline][:1] == ["Ada Quill"]
    assert len(found.byline) == 1 + ("Reed" in line)


def test_an_outlet_s_short_name_hides_no_author() -> None:
    """Only as a whole word is it the outlet's."""
    outlet = Outlet({"id": "rt", "name": "RT"})
    assert page("Ledger room opens", "By Robert Hart", ONE, TWO, outlet=outlet).byline == [
        "Robert Hart"
    ]


def test_pictures_of_pages_saved_as_text() -> None:
    """Captions with their labels, or above who owns them, wherever they stand."""
    shown = "Readers wait at the door of the room."
    labelled = page(
        "Ledger room opens", ONE, TWO, "Image source, Ada Quill", "Image caption,", shown, THREE
    )
    apart = page(
        "Ledger room opens",
        shown,
        "Ada Quill",
        "/",
        "Harbour Courier",
        ONE,
        TWO,
        THREE,
        outlet=COURIER,
    )
    closed = page("Ledger room opens", ONE, TWO, f"{shown} (Submitted by Ada Quill)", THREE)
    assert labelled.captions == apart.captions == [shown]
    assert closed.captions == [f"{shown} (Submitted by Ada Quill)"]
    assert {found.text for found in (labelled, apart, closed)} == {f"{ONE}\n\n{TWO}\n\n{THREE}"}


def test_what_leads_on_to_the_headline_is_none() -> None:
    """A line that closes with a colon."""
    found = page("The mayor of Lower Quay:", "Ledger room opens to all", ONE, TWO, THREE)
    assert found.title == "Ledger room opens to all"


def test_as_an_agency_reports_is_a_dateline() -> None:
    """As Iranian ones open their news."""
    told = f"به گزارش خبرگزاری بندر از اسکله پایین، {ONE}"
    found = page("Ledger room opens", told, TWO, THREE)
    assert found.dateline == "به گزارش خبرگزاری بندر از اسکله پایین"
    assert found.text == f"{ONE}\n\n{TWO}\n\n{THREE}"


def test_a_hyphen_joins_the_halves_of_a_word_only_at_a_line_s_end() -> None:
    """Elsewhere, and before `und` and its like, it stands for the other half of a compound."""
    paragraph = (
        "Der neue Rad- und Fußweg führt am Hafen entlang zum Kontor, sagte die Verwaltung. Das wind-"
        "geschützte Tor öffnet den Weg im Mai, wenn die Arbeiten am Ufer beendet sind und die Rad- und die "
        "Gehwege der Stadt verbunden werden. Am Abend bleibt er bis zehn Uhr für alle offen."
    )
    told = {
        "\n".join(unwrapped(textwrap.fill(paragraph, width))).strip() for width in range(40, 90, 3)
    }
    assert told == {paragraph}


def test_paragraphs_that_are_set_in_are_told_apart() -> None:
    """Where lines are wrapped, and no blank line stands between; a longer headline is no measure."""
    paragraphs = [ONE, TWO, THREE]
    wrapped = "\n".join(
        textwrap.fill(f"{each} {each.lower()}", 60, initial_indent="   ") for each in paragraphs
    )
    title = "Ledger room opens in the lower harbour after nine years of work"
    found = describe_text(f"{title}\n\n{wrapped}\n", PLAIN)
    assert len(title) > 60
    assert found.title == title
    assert found.text.split("\n\n") == [f"{each} {each.lower()}" for each in paragraphs]


def test_page_clock_is_no_date_of_publication() -> None:
    """A bare date above the headline is the page's clock."""
    found = page("Friday, March 3, 2017 12:01", "Ledger room opens", ONE, TWO)
    assert found.stated is None
    assert found.title == "Ledger room opens"
    assert found.removed_lines == ["Friday, March 3, 2017 12:01"]


def test_single_newlines_between_paragraphs() -> None:
    """A quarter of captures have no blank lines: each line that closes is a paragraph."""
    found = describe_text(f"Ledger room opens\n{ONE}\n{TWO}\n{THREE}\n", PLAIN)
    assert found.title == "Ledger room opens"
    assert found.text == f"{ONE}\n\n{TWO}\n\n{THREE}"


def test_hard_wrapped_paragraphs_are_put_together() -> None:
    """Lines of one width that break off inside sentences are one paragraph."""
    words = f"{ONE} {TWO} {THREE}".split()
    lines, line = [], ""
    for word in words:
        if len(line) + len(word) > 58:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    found = describe_text("Ledger room opens\n\n" + "\n".join([*lines, line]), PLAIN)
    assert found.text == f"{ONE} {TWO} {THREE}"
    ragged = [
        "The mill was found to be in good order by those who",
        "used to hold fire-",
        "wood in it, and the county's own surveyor agrees with",
        "them.",
    ]
    found = describe_text("Ledger room opens\n\n" + "\n".join(ragged) + f"\n\n{ONE}", PLAIN)
    assert "used to hold fire-wood in it, and" in found.text


def test_right_to_left() -> None:
    """Persian: byline, date, caption and text are read, its joiners kept."""
    found = page(
        "بازگشایی اتاق دفترهای بندر", "نویسنده: آدا قلم", "تاریخ انتشار: ۳ اکتبر ۲۰۱۴", FA, FA_2
    )
    assert found.title == "بازگشایی اتاق دفترهای بندر"
    assert found.byline == ["آدا قلم"]
    assert found.stated
    assert found.stated.published == "2014-10-03"
    assert found.text == f"{FA}\n\n{FA_2}"
    assert "\u200c" in found.text


def test_mirror_notice() -> None:
    """Hosts after the notice, or in it; none left is unknown, with a warning."""
    notice = "Our website can also be accessed at the following alternate addresses:"
    after = page("Ledger room opens", ONE, TWO, notice, "www.one.example", "two.example")
    inside = page("Ledger room opens", ONE, TWO, f"{notice} one.example, two.example")
    lost = page("Ledger room opens", ONE, TWO, notice)
    assert after.mirror_domains_stated == ["www.one.example", "two.example"]
    assert inside.mirror_domains_stated == ["one.example", "two.example"]
    assert lost.mirror_domains_stated == []
    assert "MF504" in {fault.code for fault in lost.faults}
    for found in (after, inside, lost):
        assert found.text == f"{ONE}\n\n{TWO}"


def test_the_word_mirror_is_no_notice() -> None:
    """An outlet or a slogan may be called a mirror: its text stays."""
    line = "The Mirror is also a newspaper, and it can be found on every quay of the harbour."
    found = page("Ledger room opens", ONE, line, TWO)
    assert line in found.text
    assert found.mirror_domains_stated == []


def test_common_furniture_goes() -> None:
    """Share buttons, comments, legal lines, story ids and sign-offs are removed, in page order."""
    lines = ["AB/CD", "SHARE THIS ARTICLE", "Comments (3)", "Leave a comment", "© 2014 Nobody. All rights reserved.",
             "Story Code: 12345", "Skip to content"]  # fmt: skip
    found = page("Ledger room opens", ONE, TWO, *lines)
    assert found.removed_lines == lines
    assert found.text == f"{ONE}\n\n{TWO}"


def test_outlet_profile_comes_first() -> None:
    """A line that only the outlet's file knows is removed too."""
    found = page("Ledger room opens", ONE, "Printed on the quay", TWO, outlet=COURIER)
    assert found.text == f"{ONE}\n\n{TWO}"
    assert found.removed_lines == ["Printed on the quay"]


def test_digest_of_many_items_keeps_every_item() -> None:
    """Short items one after another are paragraphs; no headline of an item is lost."""
    items = [
        f"Pier {n}: The gate was painted and the lamp was mended by the evening." for n in range(8)
    ]
    found = page("Notes from the quay", *items)
    assert found.text.split("\n\n") == items


def test_cut_capture() -> None:
    """A page that ends inside a word is marked as cut."""
    found = page("Ledger room opens", ONE, TWO[:-15])
    assert found.access == "cut"
    assert "MF503" in {fault.code for fault in found.faults}


@pytest.mark.parametrize(
    "demand", ["Subscribers only", "SUBSCR\u0130BERS ONLY", "subscr\u0131bers only"]
)
def test_a_demand_to_subscribe_in_any_capitals(demand: str) -> None:
    """Templates in Turkish have an i with a dot, and one without."""
    assert removed_as(demand, Outlet({"id": "o", "name": "O"})) == (
        "paywall", "a demand to subscribe", ()
    )  # fmt: skip


def test_paywall_stub() -> None:
    """A demand to subscribe makes the capture paywalled and is no text."""
    found = page("Ledger room opens", ONE, "Subscribe to continue reading this story")
    assert found.access == "paywalled"
    assert found.text == ONE


@pytest.mark.parametrize(
    "codec", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "windows-1252", "windows-1256", "koi8-r"]
)
def test_encodings(codec: str) -> None:
    """Captures in common encodings give their text without damage."""
    text = {"windows-1256": "افتتح مكتب الميناء غرفة السجلات للقراء يوم الاثنين بعد شتاءين من العمل. " * 4,
            "koi8-r": "Портовая контора открыла комнату книг для читателей в понедельник. " * 4}.get(
        codec, "L’été à la côte: “déjà vu” — café, naïve, œuvre, señor. " * 4)  # fmt: skip
    found = decode(text.encode(codec))
    assert found.text.lstrip("\ufeff") == text
    assert found.faults == ()


@given(st.binary(max_size=400))
def test_any_bytes_give_text_or_a_fault(body: bytes) -> None:
    """No bytes crash the reader: text, or a fault that says why not."""
    decoded = decode(body)
    assert decoded.text.strip() or decoded.faults
    described = describe_text(decoded.text, COURIER)
    assert described.text or described.faults


LINES = st.lists(
    st.sampled_from([ONE, TWO, FA, "", "Home > News", "By Ada Quill", "3 October 2014", "SHARE THIS ARTICLE",
                     "Ledger room opens", "www.one.example", "Tags: a, b", "Photo: AFP", "…", "Ada Quill"]),
    max_size=14,
)  # fmt: skip


@given(LINES)
def test_no_line_is_lost(lines: list[str]) -> None:
    """Every line of a page stands in a field or in removed_lines."""
    found = describe_text("\n\n".join(lines), COURIER)
    kept = "\n".join(
        [found.text, found.title or "", found.subtitle or "", *found.captions, *found.removed_lines]
    )
    for line in lines:
        assert line in kept


SEED = Path(os.environ.get("MICROFICHE_SEED", REPOSITORY.parent / "shared" / "seed"))


@pytest.mark.skipif(not SEED.is_dir(), reason="the real capture is not part of the repository")
def test_the_first_real_capture() -> None:
    """The first real capture, read in place where it is at hand."""
    from microfiche.outlets.registry import known_outlets

    (file,) = SEED.glob("*.txt")
    lines = file.read_text("utf-8").splitlines()
    outlet = known_outlets().recognise(lines)
    assert outlet
    assert outlet.id == "presstv"
    found = describe_text(file.read_text("utf-8"), outlet)
    paragraphs = found.text.split("\n\n")
    assert found.section_path == ["News", "Iraq", "Military"]
    assert found.title
    assert found.title.endswith("resuscitate Daesh")
    assert len(found.captions) == 1
    assert len(paragraphs) == 22
    assert paragraphs[0].startswith("Security experts believe")
    assert paragraphs[-1].endswith("in corrupt deals.")
    assert found.mirror_domains_stated == ["www.presstv.co.uk"]
    for line in ("SHARE THIS ARTICLE", "Press TV News Roku"):
        assert line in found.removed_lines
        assert line not in found.text
    assert found.stated is None
