"""Exports of press databases, written as each of them writes them, of articles of our own."""

from __future__ import annotations

import textwrap
from html import escape
from pathlib import Path
from typing import NamedTuple

from small import prose


class Piece(NamedTuple):
    """An article as the tests print it."""

    number: int
    publication: str
    title: str
    byline: str
    paragraphs: tuple[str, ...]
    day: int

    @property
    def accession(self) -> str:
        """Its number in Factiva."""
        return f"HARB0000202101{self.day:02}eh1b0000{self.number}"


def pieces(count: int = 3) -> list[Piece]:
    """Articles of two publications."""
    names = ("The Harbour Courier (Holm)", "Ferry Post")
    return [
        Piece(
            n,
            names[n % 2],
            f"Headline of piece {n}, long enough that it may be broken over two of the lines",
            f"Ada Quill {'and Tom Reed' if n % 2 else ''}".strip(),
            (f"{prose(n, 40)}.", f"{prose(n + 50, 40)}, a well-known half-hearted affair."),
            n % 27 + 1,
        )
        for n in range(1, count + 1)
    ]


def nexis_text(held: list[Piece]) -> str:
    """Nexis, text: centred publication and day, labels, lines wrapped."""
    parts = ["\ufeff\n\nDownload Request: Selected Items: 1-3\n\nTerms: (ferry)\n\n"]
    for each in held:
        text = "\n\n".join(textwrap.fill(p, 70, break_on_hyphens=True) for p in each.paragraphs)
        parts.append(
            f"\n{each.number} of {len(held)} DOCUMENTS".center(70)
            + f"\n\n\n{each.publication.center(70)}\n\n{f'January {each.day}, 2021 Monday'.center(70)}\n"
            + f"{'Edition 1;'.center(70)}\n{'Late Edition'.center(70)}\n\n"
            + textwrap.fill(each.title, 60)
            + f"\n\nBYLINE: {each.byline}\n\nSECTION: NEWS; Pg. {each.number}\n\nLENGTH: 80 words\n\n"
            + f"{text}\n\nLOAD-DATE: January 30, 2021\n\nLANGUAGE: ENGLISH\n\n"
            + "PUBLICATION-TYPE: Newspaper\n\n\n"
            + "Copyright 2021 Harbour Press Ltd".center(70)
            + "\n"
            + "All Rights Reserved".center(70)
            + "\n"
        )
    return "".join(parts)


def nexis_docx(held: list[Piece], file: Path) -> Path:
    """Nexis Uni, Word: a list of all, then each document up to its end."""
    import docx

    document = docx.Document()
    lines = ["Date and Time: Friday, 5. July 2021 09:31:00 CEST", f"Documents ({len(held)})"]
    for each in held:
        lines += [
            f"{each.number}. {each.title}",
            "Client/Matter: -None-",
            "Search Terms: ferry",
            "",
        ]
    for each in held:
        lines += ["", each.title, each.publication, f"January {each.day}, 2021 Monday", ""]
        lines += ["Copyright 2021 Harbour Press Ltd All Rights Reserved", ""]
        lines += [f"Section:\u00a0NEWS; Pg. {each.number}", "Length:\u00a080 words"]
        lines += [f"Byline:\u00a0{each.byline}", "Body", "", *each.paragraphs, "Classification", ""]
        lines += [
            "Language:\u00a0ENGLISH",
            "Load-Date:\u00a0January 30, 2021",
            "",
            "End of Document",
        ]
    for line in lines:
        document.add_paragraph(line)
    document.save(str(file))
    return file


def nexis_html(held: list[Piece]) -> str:
    """Nexis, HTML of an interface in French; classes mean nothing."""
    parts = ["<html><head><!-- LXNComment 1:2 --></head><body>"]
    for each in held:
        lines = [
            f"{each.number} of {len(held)} DOCUMENTS",
            each.publication,
            f"{each.day} janvier 2021",
        ]
        labels = [("AUTEUR: ", each.byline), ("RUBRIQUE: ", f"VILLE; Pg. {each.number}")]
        labels += [("LONGUEUR: ", "80 mots")]
        parts += [
            f'<div class="c0"><p class="c1"><span>{escape(x)}</span></p></div>' for x in lines
        ]
        parts.append(
            f'<div><p class="c6"><span>{escape(each.title).replace(", ", ",<br>")}</span></p></div>'
        )
        parts += [f"<div><p><span>{a}</span><span>{escape(b)}</span></p></div>" for a, b in labels]
        parts += ["<div>", *(f"<p>{escape(x)}</p>" for x in each.paragraphs), "</div>"]
        parts += ["<div><p><span>DATE-CHARGEMENT: </span><span>30 janvier 2021</span></p></div>"]
        parts += ["<div><p>Copyright 2021 Harbour Press<br>Tous droits réservés</p></div>"]
    return "".join([*parts, "</body></html>"])


def factiva_html(held: list[Piece]) -> str:
    """Factiva, HTML of an interface in German."""
    parts = ['<html><head><meta charset="utf-8"></head><body>']
    for each in held:
        facts = ["80 Wörter", f"{each.day} Januar 2021", "09:30", each.publication, "HARB"]
        facts += ["Späte Ausgabe", str(each.number), "Englisch", "Copyright 2021. Harbour Press."]
        parts.append(
            '<div class="article deArticle"><p></p><div>Stadt</div><div id="hd">'
            f'<span class="deHeadline">{escape(each.title)}</span></div>'
            f'<div class="author">By {escape(each.byline)}</div>'
            + "".join(f"<div>{x}</div>" for x in facts)
            + "".join(
                f'<p class="articleParagraph dearticleParagraph">{escape(x)}</p>'
                for x in each.paragraphs
            )
            + '<p class="articleParagraph dearticleParagraph">Foto: The quay at noon (pg. 4)</p>'
            + f"<p>Harbour Press</p><p>Dokument {each.accession}</p></div>"
        )
    return "".join([*parts, "</body></html>"])


def factiva_table(held: list[Piece]) -> str:
    """Factiva, HTML with a table of labels."""
    parts = ['<html><head><meta charset="utf-8"></head><body>']
    for each in held:
        head = f"<b class='frHeadline'>{escape(each.title)}</b>"
        body = "".join(
            f'<p class="articleParagraph frarticleParagraph">{escape(x)}</p>'
            for x in each.paragraphs
        )
        rows = [("SE", "Ville"), ("HD", head), ("BY", escape(each.byline)), ("WC", "80 mots")]
        rows += [("PD", f"{each.day} janvier 2021"), ("ET", "15:32"), ("SN", each.publication)]
        rows += [
            ("SC", "HARB"),
            ("PG", str(each.number)),
            ("LA", "Anglais"),
            ("CY", "(c) Harbour Press"),
        ]
        rows += [("LP", body), ("NS", "gvote : Elections"), ("AN", f"Document {each.accession}")]
        cells = "".join(
            f'<tr><td class="index"><b>{a}</b>&nbsp;</td><td>{b}</td></tr>' for a, b in rows
        )
        parts.append(f'<div class="article frArticle"><table>{cells}</table></div>')
    return "".join([*parts, "</body></html>"])


def factiva_xml(held: list[Piece]) -> str:
    """Factiva, XML."""
    parts = ['<?xml version="1.0"?><PPSResponse><r xmlns="http://global.factiva.com/pps/2.0">']
    for each in held:
        first, *rest = (f"<paragraph>{escape(x)}</paragraph>" for x in each.paragraphs)
        parts.append(
            f"<ppsarticle><article><accessionNo>{each.accession}</accessionNo>"
            "<baseLanguage>EN</baseLanguage><copyright>(c) 2021 Harbour Press</copyright>"
            f"<headline><paragraph>{escape(each.title)}</paragraph></headline>"
            f"<byline>{escape(each.byline)}</byline>"
            f"<leadParagraph>{first}</leadParagraph><tailParagraphs>{''.join(rest)}</tailParagraphs>"
            f"<publicationDate><dateTime>2021-01-{each.day:02}T01:35:58Z</dateTime></publicationDate>"
            f"<sourceName>{each.publication}</sourceName></article></ppsarticle>"
        )
    return "".join([*parts, "</r></PPSResponse>"])


def europresse(held: list[Piece]) -> str:
    """Europresse, its new interface."""
    parts = ['<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>']
    for each in held:
        number = f"news·2021010{each.number}·HAR·0q1503_{each.number}"
        parts.append(
            f'<article><header><div><span class="DocPublicationName">{each.publication}, no. 12</span></div>'
            f'<div><span class="DocHeader">Politique, lundi {each.day} janvier 2021, p. {each.number}</span></div>'
            f'<div class="titreArticle"><p class="titreArticleVisu">{escape(each.title)}</p></div>'
            f"<div>{escape(each.byline)}</div></header><section><div class='DocText'><div>"
            + "".join(f"<p>{escape(x)}</p>" for x in each.paragraphs)
            + "</div></div></section><aside><p><b>Illustration(s) : </b></p><p>The quay.</p></aside>"
            f"<footer><small>© 2021 Harbour Press. Tous droits réservés.</small><p>Numéro de document : {number}</p>"
            "<div>Ce certificat est émis à <b>X</b> à des fins de visualisation personnelle.</div></footer></article>"
        )
    return "".join([*parts, "</body></html>"])


def europresse_old(held: list[Piece]) -> str:
    """Europresse, its old interface: lines without elements of their own."""
    parts = ["<html><body>"]
    for each in held:
        body = "<p></p>".join(map(escape, each.paragraphs))
        parts.append(
            f'<table><tr><td><span class="DocPublicationName">{each.publication}</span><br>'
            '<span class="DocHeader">Politique, </span><span class="DocHeader">lundi </span>'
            f'<span class="DocHeader">{each.day} janvier 2021</span><span class="DocHeader">, p. {each.number}</span><br><br>'
            f'<span class="TitreArticleVisu">{escape(each.title)}</span><br><br>{escape(each.byline)}<br><p></p>{body}<p></p>'
            "<b><i>© 2021 Harbour Press. Tous droits réservés.</i></b><p></p>"
            f"Numéro de document : news·20210101·HAR·{each.number}<br><table><tr><td>Ce certificat est émis à "
            "X.</td></tr></table></td></tr></table>"
        )
    return "".join([*parts, "</body></html>"])


def integrum(held: list[Piece]) -> str:
    """Integrum: labels in Russian, text as it was typed."""
    parts = ['<html><head><meta charset="utf-8"></head><body>']
    for each in held:
        text = "\n".join(textwrap.fill(x, 60, initial_indent="     ") for x in each.paragraphs)
        parts.append(
            f"<div><table><tr><td>^ИС:\n {each.publication}<br>^РБ:\n ГОРОД<br>^НР:\n {each.number}<br>^ДТ:\n "
            f"{each.day:02}.01.2021<br>^АВ:\n {escape(each.byline)},<br>^ЗГ:\n {escape(each.title)}<br></td></tr></table>"
            f"<h3>{escape(each.title)}</h3><pre>\n{escape(text)}\n</pre></div>"
        )
    return "".join([*parts, "</body></html>"])
