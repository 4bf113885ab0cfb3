"""Archives whose truth is known, and their histories: what comes, changes and goes between releases.

Outlets with every kind of right publish works of sentences that nobody else has, but by reprint or
quotation. Each step edits, reprints, moves, withdraws or lifts something; the truth is kept beside.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from microfiche.library import Release, open_archive
from microfiche.pipeline import BuildOptions
from small import DATASET

PRIVATE = ("privacy", "safety")
REASONS = ("privacy", "safety", "copyright", "court-order", "publisher-request", "license-ended")
STEMS = "harb ledg lamp quay penc volum wint read offic door coat shelf tid rop brid keel".split()
ENDINGS = "a e o an en in on ar er ir or as es is ul em".split()
CONSONANTS, VOWELS = "bcdfghjklmnprstv", "aeiou"
# Text policy, whether there is a basis, whether reprints are shown by the outlet's own rights.
RIGHTS = {
    "open": ("full", True, False),
    "sure": ("full", True, True),
    "veil": ("masked", True, False),
    "shut": ("withheld", True, False),
    "bare": ("full", False, False),
    "free": ("full", True, False),
}


@dataclass
class Work:
    """One article as it was written: its states are its edits. `key` is told to nothing that collates."""

    key: str
    outlet: str
    path: str
    day: str
    states: list[tuple[str, list[str]]]
    copies: str | None = None
    taken: str | None = None
    ids: set[str] = field(default_factory=set)
    articles: set[str] = field(default_factory=set)

    @property
    def sentences(self) -> set[str]:
        """Every sentence of every state."""
        return {each for _, sentences in self.states for each in sentences}


class History:
    """An archive and what is true of it, step by step."""

    def __init__(self, root: Path, seed: int, n_works: int = 8) -> None:
        self.root, self.rng = root, random.Random(seed)
        self.works: dict[str, Work] = {}
        self.captures: list[dict[str, Any]] = []
        self.rights = dict(RIGHTS)
        self.quoted: set[str] = set()
        self.begun: set[str] = set()
        self.lines: list[dict[str, Any]] = []
        self.aliases: list[dict[str, str]] = []
        self.clock = 0
        self.told: list[str] = []
        (root / "raw" / "outlets").mkdir(parents=True)
        (root / "raw" / "captures").mkdir()
        (root / "raw" / "dataset.toml").write_text(DATASET)
        (root / "DATASHEET.md").write_text("# Datasheet\n")
        for _ in range(n_works):
            self.write()

    # What people write

    def sentence(self) -> str:
        """A sentence of twelve to twenty words that stands nowhere else."""
        count = self.rng.randrange(12, 20)
        words = (self.word() + self.rng.choice(ENDINGS) for _ in range(count))
        return " ".join(words).capitalize() + "."

    def word(self) -> str:
        """A word of many."""
        return self.rng.choice(STEMS) + self.rng.choice(ENDINGS) + self.rng.choice(STEMS)

    def title(self) -> str:
        """A headline that has no word, and no beginning of a word, in common with another."""
        words = []
        while len(words) < 6:
            word = "".join(self.rng.choice(CONSONANTS) + self.rng.choice(VOWELS) for _ in range(4))
            if word[:6] not in self.begun:
                self.begun.add(word[:6])
                words.append(word)
        return " ".join(words).capitalize()

    def write(self, outlet: str | None = None, path: str | None = None) -> Work:
        """A new work, captured once."""
        outlet = outlet or self.rng.choice(list(RIGHTS))
        number = len(self.works)
        sentences = [self.sentence() for _ in range(self.rng.randrange(6, 12))]
        day = f"2024-{number % 12 + 1:02}-{number % 27 + 1:02}"
        path = path or f"/{'story' if outlet in ('open', 'shut') else 'a'}/{number + 100}"
        work = Work(f"w{number}", outlet, path, day, [(self.title(), sentences)])
        self.works[work.key] = work
        self.capture(work)
        return work

    def capture(self, work: Work, state: int = -1, **more: Any) -> None:
        """A capture of a work as it stands, on one of its outlet's hosts."""
        title, sentences = work.states[state]
        host = f"{work.outlet}.example" if self.rng.random() < 0.7 else f"{work.outlet}-two.example"
        at = {"retrieved_at": self.now(), "method": "crawler", "notes": f"truth {work.key}"}
        half = len(sentences) // 2
        record = {
            "outlet_id": work.outlet,
            "url": f"https://{host}{work.path}",
            "title": title,
            "text": " ".join(sentences[:half]) + "\n\n" + " ".join(sentences[half:]),
            "published": work.day,
            "retrieval": at,
            **more,
        }
        self.captures.append({key: value for key, value in record.items() if value is not None})

    def now(self) -> str:
        """The next minute."""
        self.clock += 1
        return f"2025-{self.clock // 1000 % 12 + 1:02}-{self.clock // 40 % 25 + 1:02}T{self.clock // 60 % 24:02}:{self.clock % 60:02}:00Z"

    def any_work(self, *, taken: bool | None = False) -> Work | None:
        """A work that is withdrawn or is not; None if there is none."""
        held = [w for w in self.works.values() if taken is None or bool(w.taken) == taken]
        return self.rng.choice(held) if held else None

    # What happens to works

    def edit(self) -> None:
        """A true edit: a word, a sentence, the headline, half of the text."""
        work = self.any_work()
        if work is None:
            return
        title, sentences = work.states[-1]
        fresh, kind = list(sentences), self.rng.randrange(4)
        if kind == 0:
            place = self.rng.randrange(len(fresh))
            fresh[place] = fresh[place].replace(fresh[place].split()[3], self.word(), 1)
        elif kind == 1:
            fresh.insert(self.rng.randrange(len(fresh)), self.sentence())
        elif kind == 2:
            title = self.title()
        else:
            fresh[len(fresh) // 2 :] = [self.sentence() for _ in fresh[len(fresh) // 2 :]]
        work.states.append((title, fresh))
        self.capture(work)

    def recapture(self) -> None:
        """The same state once more, sometimes on the mirror, sometimes without an address."""
        work = self.any_work(taken=None)
        if work and self.rng.random() < 0.3:
            self.capture(work, url=None)
        elif work:
            self.capture(work)

    def reprint(self) -> None:
        """Another outlet prints a work, whole, with a line more, or the greater part of it."""
        work = self.any_work(taken=None)
        if work is None:
            return
        outlet = self.rng.choice([each for each in RIGHTS if each != work.outlet])
        copy = self.write(outlet)
        self.captures.pop()
        title, sentences = work.states[-1]
        kind = self.rng.randrange(3)
        if kind == 1:
            sentences = [*sentences, self.sentence()]
        elif kind == 2 and len(sentences) > 7:
            sentences = sentences[: 3 * len(sentences) // 4]
        headline = title if self.rng.random() < 0.5 else self.title()
        copy.states, copy.copies = [(headline, list(sentences))], work.key
        self.capture(copy)

    def quote(self) -> None:
        """Another work quotes a sentence."""
        work = self.any_work()
        if work is None:
            return
        other = self.write()
        self.captures.pop()
        quotation = self.rng.choice(work.states[-1][1])
        self.quoted.add(quotation)
        title, sentences = other.states[0]
        other.states = [(title, [*sentences, quotation])]
        self.capture(other)

    def reuse(self) -> None:
        """An address is used anew for another work."""
        work = self.any_work()
        if work:
            other = self.write(work.outlet, work.path)
            other.day = f"2024-12-{self.rng.randrange(1, 28):02}"
            self.captures[-1]["published"] = other.day

    def not_there(self) -> None:
        """The address of a work is found to be gone, or gives what is rejected."""
        work = self.any_work(taken=None)
        if work is None:
            return
        at = {"retrieved_at": self.now(), "method": "crawler"}
        if self.rng.random() < 0.5:
            at |= {"http_status": 404}
            self.captures.append(
                {"url": f"https://{work.outlet}.example{work.path}", "retrieval": at}
            )
            self.captures[-1]["text"] = "Not found"
        else:
            self.captures.append(
                {"url": f"https://{work.outlet}.example{work.path}", "text": "", "retrieval": at}
            )

    def move(self) -> None:
        """A work moves to another address of its outlet, edited on the way."""
        work = self.any_work()
        if work and sum(each.path == work.path for each in self.works.values()) == 1:
            title, sentences = work.states[-1]
            work.path += "0"
            work.states.append((title, [*sentences, self.sentence()]))
            self.capture(work)

    def join(self) -> None:
        """The archive is told that two published articles are one."""
        held = [w for w in self.works.values() if len(w.articles) > 1 and not w.taken]
        if held:
            one, other, *_ = sorted(self.rng.choice(held).articles)
            if one not in {each["old_id"] for each in self.aliases}:
                self.aliases.append({"old_id": other, "new_id": one, "reason": "moved"})

    # Rights and takedowns

    def change_rights(self) -> None:
        """An outlet's file says otherwise."""
        name = self.rng.choice(list(RIGHTS))
        policy = self.rng.choice(("full", "masked", "withheld"))
        self.rights[name] = (policy, self.rng.random() < 0.8, self.rng.random() < 0.3)

    def withdraw(self) -> None:
        """A published work is withdrawn, or once more for another reason."""
        work = self.any_work(taken=None)
        if work is None or not work.ids:
            return
        reason = self.rng.choice(REASONS)
        archive = open_archive(self.root)
        for article_id in sorted(work.ids)[:1]:
            archive.withdraw(article_id, {"reason": reason, "authority": "desk"})
        self.lines = self.read("withdrawals.jsonl")
        self.settle()

    def lift(self) -> None:
        """A withdrawal is lifted, for every id and reason."""
        work = self.any_work(taken=True)
        if work is None or not self.is_captured(work):
            return
        for line in list(self.lines):
            if "lifts" not in line and line["article_id"] in work.ids:
                key = {"article_id": line["article_id"], "lifts": line["reason"]}
                said = {"reason": "settled", "date": "2026-02-02", "authority": "desk"}
                self.lines.append({**key, **said})
        self.settle()

    def is_captured(self, work: Work) -> bool:
        """Whether a work is still captured at its address."""
        note = f"truth {work.key}"
        return any("url" in c and c["retrieval"].get("notes") == note for c in self.captures)

    def settle(self) -> None:
        """What is withdrawn after the lines, as the truth has it."""
        held: dict[str, set[str]] = {}
        for line in self.lines:
            if "lifts" in line:
                held.get(line["article_id"], set()).discard(line["lifts"])
            else:
                held.setdefault(line["article_id"], set()).add(line["reason"])
        for work in self.works.values():
            reasons = set().union(*(held.get(each, set()) for each in work.ids))
            work.taken = min(reasons, key=REASONS.index) if reasons else None

    def forget(self) -> None:
        """The captures of a withdrawn work are deleted, as they may be if all of it is withdrawn."""
        work = self.any_work(taken=True)
        if work and len(work.articles) < 2:
            note = f"truth {work.key}"
            held = [c for c in self.captures if c["retrieval"].get("notes") != note]
            if any(c["retrieval"].get("notes") for c in held):
                self.captures = held

    STEPS = (
        edit, edit, recapture, recapture, reprint, reprint, reprint, quote, reuse, move, join, join,
        not_there, change_rights, withdraw, withdraw, withdraw, lift, forget,
    )  # fmt: skip

    def step(self) -> None:
        """Some things happen."""
        for _ in range(self.rng.randrange(2, 8)):
            happening = self.rng.choice(self.STEPS)
            self.told.append(happening.__name__)
            happening(self)
        self.write()

    # The archive and its releases

    def read(self, name: str) -> list[dict[str, Any]]:
        """Lines of a file of the archive."""
        file = self.root / "raw" / name
        lines = file.read_text("utf-8").splitlines() if file.is_file() else []
        return [json.loads(line) for line in lines]

    def save(self) -> None:
        """Write the archive as it now is."""
        for name, (policy, based, own) in self.rights.items():
            self.outlet(name, policy, based=based, own=own)
        lines = [json.dumps(each) for each in self.captures]
        self.rng.shuffle(lines)
        (self.root / "raw" / "captures" / "all.jsonl").write_text("\n".join(lines) + "\n")
        for name, held in (("withdrawals", self.lines), ("aliases", self.aliases)):
            text = "".join(json.dumps(each) + "\n" for each in held)
            (self.root / "raw" / f"{name}.jsonl").write_text(text)

    def outlet(self, name: str, policy: str, *, based: bool, own: bool) -> None:
        """Write an outlet file."""
        basis = 'basis = "license"\nevidence = "a letter"\n' if based else ""
        basis += 'reprints = "own"\n' if own and based else ""
        pattern = (
            "[[urls]]\npattern = '^/story/(?P<id>[0-9]+)'\n" if name in ("open", "shut") else ""
        )
        (self.root / "raw" / "outlets" / f"{name}.toml").write_text(
            f'id = "{name}"\nname = "The {name.title()}"\nlanguages = ["en"]\n'
            f'[[domains]]\nhost = "{name}.example"\nrole = "canonical"\n'
            f'[[domains]]\nhost = "{name}-two.example"\nrole = "mirror"\n'
            f'{pattern}[rights]\n{basis}text = "{policy}"\n'
        )

    def build(self, day: str, access: str = "full") -> Release:
        """The next release."""
        self.save()
        options = BuildOptions(date=day, workers=1, access=access)
        release = open_archive(self.root).build(options).release
        if access == "full":
            truth = {w.key: w for w in self.works.values()}
            for work in self.works.values():
                work.articles.clear()
            for article_id, aliases, note in self.published(release):
                truth[note].ids |= {article_id, *aliases}
                truth[note].articles.add(article_id)
            self.settle()
        return release

    @staticmethod
    def published(release: Release) -> Iterator[tuple[str, list[str], str]]:
        """(id, aliases, the work) of every article of a release."""
        for row in release.rows("articles"):
            notes = {each for each in row["provenance"]["retrieval_notes"] if each[:5] == "truth"}
            (note,) = notes  # a row of two works would be two works made one
            yield row["article_id"], row["aliases"], note.removeprefix("truth ")
