"""Starting an archive: the folder, the files that describe it, and the questions to answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import tomlkit

from microfiche.about import VERSION
from microfiche.archive import Archive
from microfiche.archive.opening import open_archive
from microfiche.describe.questions import template
from microfiche.errors import CannotRun, UsageError, unusable
from microfiche.schema import record_type

# Where each host looks for its workflow.
WORKFLOWS = {"github": ".github/workflows/archive.yml", "gitlab": ".gitlab-ci.yml"}
FILL = "(filled in by the build)"
CARD = """## What this dataset is

Write here what the dataset holds and why it was made. The build adds how to load, verify and cite
it, its tables and its fields.
"""


def init(
    root: Path,
    name: str,
    title: str,
    creators: Sequence[str] = (),
    license_: str | None = None,
    host: str = "none",
) -> Archive:
    """Start an archive in a folder that has none. Raises UsageError, CannotRun.

    `host` is where it is kept, github or gitlab, which gets a workflow; none gets none.
    """
    dataset: dict[str, object] = {"name": name, "title": title}
    if license_ is not None:
        dataset["license"] = license_
    if creators:
        dataset["creators"] = [_creator(creator) for creator in creators]
    kind = record_type("dataset")
    if not kind.is_valid(dataset):
        pointer, message = next(iter(kind.explain(dataset)))
        raise UsageError(f"--{pointer.strip('/')}: {message}", "use lower-case letters, digits, -")
    if (root / "raw" / "dataset.toml").exists():
        raise CannotRun(f"{root}: there is an archive already", "choose another folder")
    pages = {
        "raw/dataset.toml": dataset_template(name, title, creators, license_),
        "raw/CARD.md": CARD,
        "raw/aliases.jsonl": "",
        "raw/withdrawals.jsonl": "",
        "DATASHEET.md": template(title, FILL),
    }
    if host != "none":
        _write_workflow(root, host)
    try:
        for folder in ("raw/outlets", "raw/captures", "dist"):
            (root / folder).mkdir(parents=True, exist_ok=True)
        for path, text in pages.items():
            if not (root / path).exists():
                (root / path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise unusable(root, error) from error
    return open_archive(root)


def _write_workflow(root: Path, host: str) -> None:
    """Write the workflow of a host, before anything else. Raises CannotRun."""
    file = root / WORKFLOWS[host]
    if file.exists():
        return
    if not file.resolve().is_relative_to(root.resolve()):
        raise CannotRun(f"{file}: lies outside the archive", "leave it out with --ci none")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(workflow(host), encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise CannotRun(f"{file}: {reason}", "make room, or leave it out with --ci none") from error


def workflow(host: str) -> str:
    """What a host of repositories runs on an archive: checks, and releases by tag."""
    file = Path(__file__).parent / "ci" / f"{host}.yml"
    return file.read_text("utf-8").replace("@VERSION@", VERSION)


def _creator(stated: str) -> dict[str, str]:
    """A creator as stated; one written `Family, Given` is a person."""
    family, comma, given = (part.strip() for part in stated.partition(","))
    if not (comma and family and given):
        return {"name": stated}
    return {"name": f"{given} {family}", "given_name": given, "family_name": family}


def dataset_template(
    name: str, title: str, creators: Sequence[str], license_: str | None = None
) -> str:
    """raw/dataset.toml with what is known, and as comments what a release still needs."""
    document = tomlkit.document()
    document["name"], document["title"] = name, title
    if license_ is not None:
        document["license"] = license_
    people = tomlkit.array()
    for creator in creators:
        person = tomlkit.inline_table()
        person.update(_creator(creator))
        people.append(person)
    if creators:
        document["creators"] = people
        document.add(tomlkit.comment('add type = "person" or "organization", orcid, affiliation'))
    else:
        document.add(tomlkit.comment('creators = [{ name = "Your name" }]'))
    if license_ is None:
        document.add(tomlkit.comment('license = "CC0-1.0"  # of metadata and descriptions'))
    document.add(tomlkit.comment('contact = "where to write, also for takedown"'))
    return tomlkit.dumps(document)
