"""What is cited: a release, an article of it in one revision, one capture of that, or a subset.

`styles` writes it down in each style.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from microfiche.describe.styles import writer
from microfiche.describe.terms import doi_url, hub_dataset, is_person
from microfiche.describe.work import Author, Work
from microfiche.release import folder_name
from microfiche.release.subset import Subset

KEY = re.compile(r"[^A-Za-z0-9:.-]")


def cite(
    manifest: Mapping[str, Any],
    dataset: Mapping[str, Any],
    style: str,
    subset: Subset | None = None,
) -> str:
    """Citation of a release, or of a subset of its articles. Raises UsageError for a style."""
    work = _release_work(manifest, dataset)
    if subset:
        noun = "article" if subset.count == 1 else "articles"
        note = (
            f"subset of {subset.count} {noun} where {subset.where}, "
            f"members sha256:{subset.members}, {work.note}"
        )
        work = replace(work, key=f"{work.key}-{subset.members[:8]}", note=note)
    return writer(style)(work)


def cite_article(
    manifest: Mapping[str, Any],
    dataset: Mapping[str, Any],
    article: Mapping[str, Any],
    revision: Mapping[str, Any],
    style: str,
    capture: Mapping[str, Any] | None = None,
) -> str:
    """Citation of one article in one revision, or of one capture of that.

    Raises UsageError for an unknown style.
    """
    release = _release_work(manifest, dataset)
    state = f"{article['article_id']}, revision {revision['revision_id']}"
    key = f"{release.key}-{article['article_id']}-{revision['revision_id'][:8]}"
    seen = revision["last_retrieved_on"] or revision["last_retrieved_at"]
    url, archived = article["url"], None
    if capture:
        state, key = (
            f"{state}, capture {capture['capture_id']}",
            f"{key}-{capture['capture_id'][:8]}",
        )
        seen = capture["retrieved_at"] or capture["retrieved_on"]
        archived = capture["memento_url"]
        url = capture["url"] or url
    exact = article["published_earliest"] == article["published_latest"]
    stated = re.match(r"\d{4}", article["published"] or "")
    work = Work(
        kind="article",
        key=KEY.sub(lambda match: f"_{ord(match[0]):x}_", key),
        title=revision["title"] or "[no headline]",
        authors=[Author(name) for name in article["byline"] or [article["outlet_name"]]],
        date=article["published_earliest"] if exact else None,
        year=stated[0] if stated else None,
        version=release.version,
        edition=release.edition,
        publisher=article["outlet_name"],
        url=url,
        doi=release.doi,
        fingerprint=release.fingerprint,
        note=f"{state}, as captured in {release.title}, version {release.edition}, {release.note}",
        dataset=dataset,
        issued=release.issued,
        accessed=seen[:10] if seen else None,
        archived=archived,
    )
    return writer(style)(work)


def creators_of(dataset: Mapping[str, Any]) -> list[Author]:
    """Who made a dataset; a person's names apart where the dataset file has them apart."""
    return [
        Author(
            each["name"],
            each.get("family_name") if is_person(each) else None,
            each.get("given_name") if is_person(each) else None,
            each.get("orcid"),
        )
        for each in dataset.get("creators", ())
    ]


def release_address(manifest: Mapping[str, Any], dataset: Mapping[str, Any]) -> str | None:
    """Where a release is found: by its DOI, under base_url, on the Hub, else the dataset's page."""
    folder = folder_name(manifest["name"], manifest["access"])
    if manifest["doi"]:
        return doi_url(manifest["doi"])
    if dataset.get("base_url"):
        return f"{dataset['base_url'].rstrip('/')}/{folder}/{manifest['version']}/"
    if hub := hub_dataset(manifest):
        return f"https://huggingface.co/datasets/{hub}"
    homepage: str | None = dataset.get("homepage")
    return homepage


def _release_work(manifest: Mapping[str, Any], dataset: Mapping[str, Any]) -> Work:
    note = f"fingerprint {manifest['fingerprint']}"
    return Work(
        kind="dataset",
        key=f"{folder_name(manifest['name'], manifest['access'])}-{manifest['version']}",
        title=dataset["title"],
        authors=creators_of(dataset),
        date=manifest["date"],
        year=manifest["date"][:4],
        version=manifest["version"],
        edition=f"{manifest['version']}, {manifest['access']} release",
        publisher=dataset.get("publisher"),
        url=release_address(manifest, dataset),
        doi=manifest["doi"],
        note=note + (", draft" if manifest["draft"] else ""),
        fingerprint=manifest["fingerprint"],
        dataset=dataset,
        issued=manifest["date"],
    )
