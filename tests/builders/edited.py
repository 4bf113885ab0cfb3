"""An archive of captures of every kind, and all that may be done to it."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from microfiche.captures.files import list_files, read_captures
from microfiche.collation.draft import capture_key
from small import DATASET, outlet, prose, record
from warcs import written

LONG_AGO = 1_600_000_000


def tree(root: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {
        str(file.relative_to(root)): file.read_bytes()
        for file in sorted(root.rglob("*"))
        if file.is_file()
    }


class Edited:
    """An archive of captures of every kind, and what may be done to it."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root, self.raw, self.rng, self.number = root, root / "raw", random.Random(seed), 0
        for folder in ("captures/courier/pages", "captures/herald", "outlets", "expected"):
            (self.raw / folder).mkdir(parents=True)
        (self.raw / "dataset.toml").write_text(DATASET)
        (root / "DATASHEET.md").write_text("# Datasheet\n")
        for name in ("courier", "herald"):
            (self.raw / "outlets" / f"{name}.toml").write_text(outlet(name))
        for _ in range(8):
            self.add_line()
        for _ in range(3):
            self.add_text()
            self.add_page()
        self.add_listed()
        self.add_warc()

    def edit(self) -> str:
        """Do something; what."""
        edits: list[Callable[[], None]] = [
            *[self.add_line, self.add_text, self.add_page, self.add_listed, self.add_warc] * 2,
            *[self.change_line, self.remove_line, self.change_sidecar, self.change_text] * 2,
            self.touch, self.revise, self.mirror, self.change_outlet, self.learn_line,
            self.add_outlet, self.withdraw, self.join, self.expect, self.annotate, self.break_line,
            *[self.correct] * 3, self.correct_no_more,
        ]  # fmt: skip
        edit = self.rng.choice(edits)
        edit()
        return edit.__name__

    def _next(self) -> int:
        self.number += 1
        return self.number

    def record(self, **more: Any) -> dict[str, Any]:
        """A record of another article."""
        number = self._next()
        name = self.rng.choice(("courier", "courier", "herald"))
        when = f"2025-01-{number % 27 + 1:02}T00:00:00Z"
        made = record(number, host=f"{name}.example", outlet_id=name)
        return {**made, "retrieval": {**made["retrieval"], "retrieved_at": when}, **more}

    @property
    def _jsonl(self) -> Path:
        return self.raw / "captures" / "courier" / f"lines-{self.rng.randrange(2)}.jsonl"

    def _lines(self, file: Path) -> list[str]:
        return file.read_text().splitlines(keepends=True) if file.exists() else []

    def add_line(self) -> None:
        """A record more, somewhere in a file."""
        file = self._jsonl
        lines = self._lines(file)
        lines.insert(self.rng.randint(0, len(lines)), json.dumps(self.record()) + "\n")
        file.write_text("".join(lines))

    def change_line(self) -> None:
        """Another headline."""
        file = self._jsonl
        if lines := self._lines(file):
            place = self.rng.randrange(len(lines))
            lines[place] = lines[place].replace("Piece", self.rng.choice(("Story", "Piece of")))
            file.write_text("".join(lines))

    def break_line(self) -> None:
        """A line that is no JSON."""
        file = self._jsonl
        if lines := self._lines(file):
            lines[self.rng.randrange(len(lines))] = "{broken\n"
            file.write_text("".join(lines))

    def remove_line(self) -> None:
        """A record less: which is refused if it was published."""
        file = self._jsonl
        if lines := self._lines(file):
            lines.pop(self.rng.randrange(len(lines)))
            file.write_text("".join(lines))

    def revise(self) -> None:
        """An article captured again, with more text."""
        file = self._jsonl
        if lines := self._lines(file):
            held = self.rng.choice([each for each in lines if each != "{broken\n"] or [None])
            if held:
                made = json.loads(held)
                made["text"] += f" {prose(self._next(), 20)}"
                made["retrieval"]["retrieved_at"] = "2025-06-01T00:00:00Z"
                file.write_text("".join([*lines, json.dumps(made) + "\n"]))

    def mirror(self) -> None:
        """The same on the other host."""
        file = self._jsonl
        if lines := self._lines(file):
            file.write_text("".join([*lines, lines[0].replace(".example/", "-mirror.example/")]))

    def _text(self) -> Path:
        texts = sorted((self.raw / "captures").rglob("*.txt"))
        return self.rng.choice(texts)

    def add_text(self) -> None:
        """A text with its record beside it."""
        number = self._next()
        file = self.raw / "captures" / "herald" / f"text-{number}.txt"
        file.write_text(f"Title {number}\n\n10 May 2024\n\n{prose(number)}\n")
        file.with_name(f"{file.name}.toml").write_text(
            f'url = "https://herald.example/2024/05/{number}"\n'
            'retrieved_at = 2025-01-01T00:00:00Z\nmethod = "saved"\n'
        )

    def change_text(self) -> None:
        """Replaced by another of the same size and times."""
        file = self._text()
        at, octets = file.stat(), file.read_bytes()
        new = file.with_suffix(".new")
        new.write_bytes(octets.replace(b"a", b"e", 1))
        new.replace(file)
        os.utime(file, ns=(at.st_atime_ns, at.st_mtime_ns))

    def change_sidecar(self) -> None:
        """A note, or the record taken away."""
        file = self._text()
        sidecar = file.with_name(f"{file.name}.toml")
        if sidecar.exists():
            sidecar.write_text(sidecar.read_text() + f'notes = "note {self._next()}"\n')
            if sidecar.read_text().count("notes") > 1:
                sidecar.unlink()

    def add_page(self) -> None:
        """A page with its record beside it."""
        number = self._next()
        text = "".join(f"<p>{prose(number * 100 + each, 60)}.</p>" for each in range(4))
        file = self.raw / "captures" / "courier" / "pages" / f"page-{number}.html"
        file.write_text(
            f"<html><body><article><h1>Page {number}</h1>{text}</article></body></html>"
        )
        file.with_name(f"{file.name}.toml").write_text(
            f'url = "https://courier.example/2024/06/{number}"\n'
        )

    def add_listed(self) -> None:
        """Texts whose records are lines of one file."""
        folder, number = self.raw / "captures" / "listed", self._next()
        folder.mkdir(exist_ok=True)
        (folder / f"listed-{number}.txt").write_text(f"Listed {number}\n\n{prose(number)}\n")
        line = {"path": f"listed-{number}.txt", "url": f"https://herald.example/2024/07/{number}"}
        with (folder / "retrievals.jsonl").open("a") as out:
            out.write(json.dumps(line) + "\n")

    def add_warc(self) -> None:
        """A page in a WARC file."""
        number = self._next()
        text = "".join(f"<p>{prose(number * 100 + each, 60)}.</p>" for each in range(4))
        page = f"<html><body><article><h1>Sent {number}</h1>{text}</article></body></html>"
        headers = [("Content-Type", "text/html")]
        address = f"https://courier.example/2024/08/{number}"
        octets = written(address, headers, page.encode(), "200 OK")
        if number % 3 == 0:
            octets += written(f"{address}.png", [("Content-Type", "image/png")], b"x", "200 OK")
        with (self.raw / "captures" / "courier" / "crawl.warc").open("ab") as out:
            out.write(octets)

    def touch(self) -> None:
        """Other times, the same content."""
        os.utime(self._text(), (LONG_AGO, LONG_AGO))

    def _outlet(self) -> Path:
        return self.raw / "outlets" / f"{self.rng.choice(('courier', 'herald'))}.toml"

    def change_outlet(self) -> None:
        """Another name."""
        file = self._outlet()
        file.write_text(file.read_text().replace('name = "The', 'name = "Their'))

    def learn_line(self) -> None:
        """Lines that are no part of articles."""
        file = self._outlet()
        lines = "".join(
            f'[[lines]]\nline = "Title {n}"\ncount = 3\nexamples = []\n' for n in (1, 2)
        )
        file.with_suffix(".boilerplate.toml").write_text(lines)

    def add_outlet(self) -> None:
        """An outlet of which there is no capture."""
        (self.raw / "outlets" / "signal.toml").write_text(outlet("signal"))

    def withdraw(self) -> None:
        """An article withdrawn."""
        line = {
            "article_id": f"courier:n-{self.rng.randint(1, self.number)}",
            "reason": self.rng.choice(("privacy", "copyright")),
            "date": "2025-07-01",
            "authority": "court",
        }
        with (self.raw / "withdrawals.jsonl").open("a") as out:
            out.write(json.dumps(line) + "\n")

    def join(self) -> None:
        """Two ids that are said to be one."""
        one, other = (f"courier:n-{self.rng.randint(1, self.number)}" for _ in range(2))
        line = {"old_id": one, "new_id": other, "reason": "one work"}
        with (self.raw / "aliases.jsonl").open("a") as out:
            out.write(json.dumps(line) + "\n")

    def expect(self) -> None:
        """An address that ought to be captured."""
        with (self.raw / "expected" / "list.txt").open("a") as out:
            out.write(f"https://courier.example/2024/09/{self._next()}\n")

    def annotate(self) -> None:
        """What somebody judges."""
        line = {"article_id": "herald:n-1", "name": "label", "value": str(self._next())}
        with (self.raw / "annotations.jsonl").open("a") as out:
            out.write(json.dumps(line) + "\n")

    def correct(self) -> None:
        """A field put right, of a capture or of an article."""
        field = self.rng.choice(("title", "captions", "byline", "published"))
        value: Any = {"title": f"Right {self._next()}", "published": "2024-03"}.get(
            field, ["A. B."]
        )
        named = {"article_id": f"courier:n-{self.rng.randint(1, self.number)}"}
        if field in ("title", "captions"):
            held = (
                each
                for s in list_files(self.raw)
                for each in read_captures(self.raw, (s,), 1 << 20)
            )
            ids = sorted(capture_key(each)[1] for each in held if each.media_type)
            named = {"capture_id": self.rng.choice(ids)}
        line = {**named, "field": field, "value": value, "reason": "seen", "by": "desk"}
        with (self.raw / "corrections.jsonl").open("a") as out:
            out.write(json.dumps({**line, "date": "2025-08-01"}) + "\n")

    def correct_no_more(self) -> None:
        """Corrections taken back."""
        (self.raw / "corrections.jsonl").unlink(missing_ok=True)
