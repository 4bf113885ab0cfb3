"""The face: an archive and a release with everything that can be done with them.

`Archive` and `Release` are the values of `archive` and `release` with verbs. Each verb hands plain
values down to the room that does the work, and loads that room when it is first used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from microfiche import archive, release
from microfiche.archive import DEFAULT_CAPTURE_LIMIT, opening
from microfiche.engine import Progress, silent
from microfiche.errors import DataError, UsageError
from microfiche.outlets.origin import address_origin
from microfiche.outlets.outlet import Outlet
from microfiche.release.locating import hub_repository, locate, split_version
from microfiche.release.opening import open_release as read_release

if TYPE_CHECKING:
    from microfiche.captures.fetching import Manners
    from microfiche.captures.spreadsheet import Reading
    from microfiche.curation.adding import Added
    from microfiche.curation.capturing import Captured
    from microfiche.curation.correcting import Corrected
    from microfiche.curation.drafting import Drafted
    from microfiche.curation.folders import FilePlan, Held, Refused
    from microfiche.curation.learning import Learned
    from microfiche.curation.observing import Observed
    from microfiche.curation.plans import Plan
    from microfiche.curation.rows import Harvest
    from microfiche.curation.withdrawing import Withdrawn
    from microfiche.distribute.deposits import Reserved
    from microfiche.distribute.export import Exported
    from microfiche.distribute.publishing import Published, PublishOptions
    from microfiche.distribute.wheel import Wheel
    from microfiche.extract.alone import Reading as Read
    from microfiche.pipeline import BuildOptions, Built, Rehydrated
    from microfiche.pipeline.cache import Kept
    from microfiche.pipeline.inspecting import Inspected
    from microfiche.pipeline.validation import Validation
    from microfiche.release.diff import Diff
    from microfiche.release.related import Related
    from microfiche.release.subset import Subset
    from microfiche.report.coverage import Place
    from microfiche.verify import Verdict


PATTERN = re.compile(r"[*?\[\]]|::")


class Archive(archive.Archive):
    """An archive with its verbs: validate, build, learn, add, capture, correct, withdraw."""

    def validate(
        self,
        *,
        max_capture_bytes: int = DEFAULT_CAPTURE_LIMIT,
        progress: Progress = silent,
    ) -> Validation:
        """Every finding on the archive, sorted; writes but the cache. Raises MicroficheError."""
        from microfiche.pipeline.validation import validate

        return validate(self, max_capture_bytes, progress)

    def build(self, options: BuildOptions | None = None) -> Built[Release]:
        """Build the next release, or find that nothing changed. Raises MicroficheError."""
        from microfiche.pipeline import BuildOptions
        from microfiche.pipeline.build import build

        built = build(self, options or BuildOptions())
        return built.with_release(Release(built.release.root, built.release.manifest))

    def coverage(self, *, progress: Progress = silent) -> list[Place]:
        """What its next release would have and lack, as `Release.coverage`.

        Raises MicroficheError, DataError if no release can be built.
        """
        from microfiche.pipeline.previewing import coverage

        return coverage(self, progress)

    def report(self, *, progress: Progress = silent) -> bytes:
        """The page of the archive: findings by cause, and what its next release would be.

        Raises MicroficheError.
        """
        from microfiche.pipeline.previewing import report

        return report(self, progress)

    def cache(self, folder: Path | None = None, *, clear: bool = False) -> Kept:
        """What builds keep in `folder`, or in the archive's own, then cleared if asked for.

        Raises CannotRun.
        """
        from microfiche.pipeline import cache

        root = folder or self.root / cache.FOLDER
        kept = cache.kept_in(root)
        if clear:
            cache.clear(root)
        return kept

    def learn(self, outlet: str | None = None, *, progress: Progress = silent) -> list[Learned]:
        """Learn recurring lines into raw/outlets/<id>.boilerplate.toml. Raises MicroficheError."""
        from microfiche.curation.learning import learn

        return learn(self, None if outlet is None else [outlet], progress=progress)

    def add(
        self, file: Path, record: Mapping[str, Any], replace: Mapping[str, str] | None = None
    ) -> Added:
        """Copy a capture into raw/captures/ with its retrieval record. Raises MicroficheError.

        `replace` (`reason`, `by`, `date`) says why another record of bytes that are there is right.
        """
        from microfiche.curation.adding import add

        return add(self, file, record, replace)

    def add_files(
        self,
        files: Iterable[Held],
        told: Callable[[FilePlan], None],
        **options: Any,
    ) -> Iterator[Added | Refused]:
        """Add files, each with what is known of its retrieval; `told` gets the plan before.

        With `dry_run` nothing is added. Raises MicroficheError.
        """
        from microfiche.curation.folders import add_files

        return add_files(self, files, told, **options)

    def add_table(
        self,
        reading: Reading,
        defaults: Mapping[str, Any],
        replace: Mapping[str, str] | None = None,
    ) -> Iterator[Added | Observed]:
        """Add every row of a table of captures; `replace` as of `add`. Raises MicroficheError."""
        from microfiche.curation.observing import add_table

        return add_table(self, reading, defaults, replace)

    def add_articles(
        self, table: Path, how: Harvest, told: Callable[[Plan], None], **options: Any
    ) -> list[Path] | None:
        """Add every row of a table that holds the text of articles; None if it holds none.

        `told` gets the plan before anything is written; with `dry_run` nothing is. Raises
        MicroficheError.
        """
        from microfiche.curation.harvest import harvest

        return harvest(self, table, how, told, **options)

    def add_export(
        self, file: Path, defaults: Mapping[str, Any], told: Callable[[Plan], None], **options: Any
    ) -> list[Path] | None:
        """Add every article of a press database's export; None if the file is none.

        As `add_articles`. Raises MicroficheError.
        """
        from microfiche.curation.exports import add_export, export_of

        export = export_of(file)
        return None if export is None else add_export(self, file, export, defaults, told, **options)

    def draft_outlets(
        self, host: str | None = None, table: Path | None = None, progress: Progress = silent
    ) -> list[Drafted]:
        """Write outlet files from what captures show, or a table names. Raises MicroficheError.

        For one host, for the names and hosts of a table, else for all that have no outlet file.
        """
        from microfiche.curation.drafting import draft_from_table, draft_outlets

        if table is not None:
            return draft_from_table(self, table)
        return draft_outlets(self, host, progress)

    def capture(self, urls: Sequence[str], manners: Manners, **how: Any) -> Iterator[Captured]:
        """Capture addresses from the web, one after the other. Raises MicroficheError."""
        from microfiche.curation.capturing import capture

        return capture(self, urls, manners, **how)

    def correct(
        self,
        wanted: str,
        field: str,
        value: Any,
        statement: Mapping[str, str | None],
        progress: Progress = silent,
    ) -> Corrected:
        """Put a field of a capture or an article right, by lines of raw/corrections.jsonl.

        `wanted` is a capture's id or what `Release.find` takes, `value` plain JSON; `statement` has
        `reason`, `by` and, if known, `date`. Raises MicroficheError.
        """
        from microfiche.curation.correcting import correct

        return correct(self, wanted, field, value, statement, progress=progress)

    def withdraw(
        self, article_id: str, statement: Mapping[str, str | None], *, plan: bool = False
    ) -> Withdrawn:
        """Withdraw an article from later releases; where copies of it are.

        With `plan` nothing is written. Raises DataError.
        """
        from microfiche.curation.withdrawing import withdraw

        return withdraw(self, article_id, statement, plan=plan)

    def reserve(self, target: str, access: str = "full") -> Reserved:
        """Reserve the DOI of the next release, at zenodo:// or zenodo://HOST.

        Raises MicroficheError.
        """
        from microfiche.distribute.deposits import reserve

        return reserve(self, target, access)


class Release(release.Release):
    """A release with its verbs: verify, diff, cite, prove, subset, rehydrate."""

    def verify(
        self,
        *,
        load: bool = False,
        rebuild: Path | None = None,
        key: Path | None = None,
        cited: tuple[str, str] | None = None,
        workers: int = 1,
    ) -> list[Verdict]:
        """Check everything that the release can prove; a verdict for each check.

        As `verify`, of this release's folder.
        """
        return verify(self.root, load=load, rebuild=rebuild, key=key, cited=cited, workers=workers)

    def coverage(self) -> list[Place]:
        """What there is and what is missing: months of outlets, addresses, refused captures."""
        from microfiche.report.coverage import coverage_of

        return coverage_of(self)

    def diff(self, new: release.Release) -> Diff:
        """What differs from this release to another. Raises MicroficheError."""
        from microfiche.release.diff import diff

        return diff(self, new)

    def prove(self, article_id: str) -> dict[str, Any]:
        """Proof that an article is in this release, by its id or an alias. Raises DataError."""
        from microfiche.release.proof import prove

        return prove(self, article_id)

    def subset(self, where: str) -> Subset:
        """Articles for which an expression over columns holds. Raises UsageError."""
        from microfiche.release.subset import select

        return select(self, where)

    def rehydrate(self, holder: Path, out: Path) -> Rehydrated[Release]:
        """Put withheld texts back from the captures of an archive. Raises MicroficheError."""
        from microfiche.pipeline.rehydrating import rehydrate

        done = rehydrate(self, holder, out)
        return done.with_release(Release(done.release.root, done.release.manifest))

    def find(self, wanted: str) -> str:
        """Id of the article meant: by id, alias, address, the beginning of an id, or headline.

        Raises DataError if there is none, or several.
        """
        from microfiche.release.searching import find

        return find(self, wanted)

    def related(self, article: Mapping[str, Any] | str) -> Related:
        """An article's captures, revisions, outlet and links, given its row or an id of it.

        Raises DataError if it is not in this release.
        """
        from microfiche.release.related import related

        own = article if isinstance(article, str) else article.get("article_id")
        if not isinstance(own, str):
            raise DataError(f"{type(article).__name__}: no row of articles", "give one, or an id")
        return related(self, own)

    def export(
        self,
        table: str = "articles",
        form: str = "csv",
        *,
        where: str | None = None,
        out: Path | str | None = None,
    ) -> Exported:
        """Write a table as csv, jsonl, xlsx or text files. Raises MicroficheError."""
        from microfiche.distribute.export import export

        return export(self, table, form, where=where, out=None if out is None else Path(out))

    def print_table(self, table: str, form: str, *, where: str | None, file: BinaryIO) -> None:
        """Write a table as csv or jsonl to an open file. Raises MicroficheError."""
        from microfiche.distribute.export import write

        write(self, table, form, where, file)

    def wheel(
        self, out: Path | None = None, *, restricted: bool = False, max_bytes: int | None = None
    ) -> list[Wheel]:
        """Write data wheels into a folder, the one to install first. Raises MicroficheError.

        The folder is by default the archive's dist/ that the release lies in, else dist/ here;
        `restricted` says that they stay private; above `max_bytes`, 100 MB by default, a release
        is split.
        """
        from microfiche.distribute.wheel import INDEX_LIMIT, wheel_folder, write_wheels

        out = out or wheel_folder(self)
        return write_wheels(self, out, restricted=restricted, limit=max_bytes or INDEX_LIMIT)

    def publish(self, target: str, options: PublishOptions | None = None) -> Published:
        """Publish it at an address: hf://, s3://, file://, zenodo://. Raises MicroficheError."""
        from microfiche.distribute.publishing import PublishOptions, publish

        return publish(self, target, options or PublishOptions())

    def check_may_leave(self, *, restricted: bool = False) -> None:
        """Refuse to hand on what nobody may. Raises DataError.

        `restricted` says that the target is private or gated.
        """
        from microfiche.describe.facts import check_may_leave

        check_may_leave(self, restricted=restricted)

    def cite(
        self,
        style: str = "bibtex",
        article: str | None = None,
        revision: str | None = None,
        where: str | None = None,
        told: Callable[[str], None] | None = None,
    ) -> str:
        """Citation of the release, of one article or capture of it, or of a subset, in a style.

        `article` is what `find` takes, or a capture_id; `where` an expression over columns of
        articles. `told` gets a line if another revision is cited, as which the one asked for is
        read anew. Raises UsageError, DataError.
        """
        from microfiche.describe.citation import cite, cite_article
        from microfiche.release.rereading import revision_of

        if revision is not None and article is None:
            raise UsageError("--revision goes with --article", "name the article too")
        if article is not None and where is not None:
            raise UsageError("--where cites many articles, --article one", "give one of them")
        if article is not None:
            capture = self.capture(article)
            if capture:
                article, revision = capture["article_id"], revision or capture["revision_id"]
            row = self.article(self.find(article))
            state = revision_of(self, row, revision)
            if told and revision not in (None, state["revision_id"], str(state["revision"])):
                told(f"revision {revision} is read anew as {state['revision_id']}")
            return cite_article(self.manifest, self.dataset(), row, state, style, capture)
        if where is None and style == "datacite":
            return self.read("datacite.json").decode("utf-8")
        subset = None if where is None else self.subset(where)
        if subset and not subset.count:
            raise DataError(f"--where {where}: no article fits", "correct the expression")
        return cite(self.manifest, self.dataset(), style, subset)


def open_archive(root: Path | str = ".") -> Archive:
    """The archive at `root`; faults in its files are findings of it.

    Raises DataError if there is no archive, CannotRun if a file cannot be read.
    """
    held = opening.open_archive(root)
    return Archive(**{field.name: getattr(held, field.name) for field in fields(held)})


def open_release(name: Path | str, version: str | None = None) -> Release:
    """The release in a folder, or the newest of a dataset's that fits; `name` as in `path`.

    One that is named by its address is read where it is. Files are not hashed: `verify` does.
    Raises DataError if there is none, CannotRun if unreadable, UsageError for a range of versions
    that is none.
    """
    if address := published_at(str(name)):
        from microfiche.distribute.outside import outside
        from microfiche.distribute.remote import published_release

        with outside(str(name)):
            held = read_release(published_release(address, version))
    else:
        held = read_release(locate(name, version))
    return Release(held.root, held.manifest)


def published_at(name: str) -> str | None:
    """The address, with its version, if a release is named by where it was published; else None."""
    target, _ = split_version(name, None)
    if repository := hub_repository(target):
        return f"hf://datasets/{repository}{name.removeprefix(target)}"
    return name if "://" in name else None


def init(
    root: Path,
    name: str,
    title: str,
    creators: Sequence[str] = (),
    license_: str | None = None,
    host: str = "none",
) -> Archive:
    """Start an archive in a folder that has none. Raises UsageError, CannotRun.

    `host`, github or gitlab, adds a workflow that checks and releases the archive there.
    """
    from microfiche.curation.starting import init

    init(root, name, title, creators, license_, host)
    return open_archive(root)


def verify(
    root: Path | str,
    *,
    load: bool = False,
    rebuild: Path | None = None,
    key: Path | None = None,
    cited: tuple[str, str] | None = None,
    workers: int = 1,
    progress: Progress = silent,
) -> list[Verdict]:
    """Check everything that the release in a folder can prove; a verdict for each check.

    `root` may be the address of a published release, hf://datasets/ORG/NAME@v1.0.0 or that of its
    folder in a store: it is read where it is, without a copy, by one process. With `load`
    `datasets` loads it too; `rebuild` is an archive to build it anew from; `key` a public key or
    allowed-signers file its signature must be made with; `cited` a subset as cited, its expression
    and the digest of its members; `workers` the number of processes. Raises UsageError, WorkerLost,
    and CannotRun for what cannot be reached.
    """
    from microfiche.verify import verify

    if isinstance(root, str) and (address := published_at(root)):
        from microfiche.distribute.outside import outside
        from microfiche.distribute.remote import published_release

        if load or rebuild:
            told = "read it into a folder first, with microfiche.path"
            raise UsageError(f"{root}: --load and --rebuild take a folder", told)
        with outside(root):
            return verify(published_release(address), key=key, cited=cited, progress=progress)
    root = Path(root)

    def rebuild_faults(held: release.Release) -> tuple[str, list[str]]:
        from microfiche.pipeline.rebuilding import rebuild_faults

        assert rebuild is not None  # noqa: S101 - it is asked for only then
        return rebuild_faults(held, rebuild)

    return verify(
        root,
        load=load,
        rebuild=rebuild_faults if rebuild else None,
        key=key,
        cited=cited,
        workers=workers,
        progress=progress,
    )


def path(name: str | Path = "gazette", version: str | None = None) -> Path:
    """Folder of the newest release of a dataset whose version fits, its fixity checked once.

    `name` is a dataset's name (of an installed data wheel, "gazette", or of dist/NAME), a release
    folder, one that holds releases, ORG/NAME of a dataset on the Hub, or the address of a release
    or dataset that was published, which is fetched once.
    `version` is a version or a range such as ">=1.1,<2". Raises DataError that says what was looked
    for and where, or which file is not what the manifests say; UsageError, CannotRun.
    """
    from microfiche.verify.remembered import check_once

    root = _folder(str(name), version)
    check_once(read_release(root))
    return root


def _folder(name: str, version: str | None, table: str | None = None) -> Path:
    """The folder of a release by its name; what was published elsewhere is fetched.

    Of a dataset on the Hub only what one table needs, if it is given. Raises as `path`.
    """
    address = published_at(name)
    if address is None:
        return locate(name, version)
    from microfiche.distribute.remote import fetch

    return fetch(address, version, table)


def read_outlet(
    archive: Path | None, outlet_id: str | None, name: str | None, url: str | None
) -> Outlet:
    """The outlet to read a capture by: the archive's of an id or of an address, else a bare one.

    Raises UsageError if the archive has none of that id, or an id is given without an archive.
    """
    from microfiche.extract.alone import outlet_named

    if archive is None:
        if outlet_id:
            raise UsageError("--outlet names one of an archive", "name the archive: --archive DIR")
        return outlet_named(name)
    outlets = open_archive(archive).outlet_book()
    found = address_origin(outlets, url, outlet_id) if url else None
    known = outlets.by_id.get(outlet_id) if outlet_id else found and found.outlet
    if outlet_id and known is None:
        raise UsageError(f"{outlet_id}: no outlet of {archive}", "see raw/outlets/")
    return known or outlet_named(name)


def captures_of(archive: Path, file: Path) -> list[Inspected]:
    """The captures of a file that lies in an archive, with their records; none of another file."""
    from microfiche.pipeline.inspecting import captures_at

    return captures_at(open_archive(archive), file)


def inspected(archive: Path, capture_id: str) -> Inspected:
    """A capture of an archive by its id, with its outlet. Raises NotFound, as `open_archive`."""
    from microfiche.pipeline.inspecting import find_captures

    return find_captures(open_archive(archive), [capture_id])[capture_id]


def _refuse_without_rows(held: release.Release, table: str) -> None:
    """Raise DataError for a table that has no rows in a release, or that it has not."""
    loadable = [entry["name"] for entry in held.manifest["tables"] if entry["n_rows"]]
    if table not in loadable:
        raise DataError(f"{held.root}: no rows in {table!r}", f"have {', '.join(loadable)}")


def read(
    data: bytes | str, *, url: str | None = None, name: str | None = None, mode: str | None = None
) -> Read:
    """What a page or a text says of its article, by the reader that builds use.

    `url` is its address, `name` its outlet's, by which mastheads are known; `mode` as `--extract`.
    Raises UsageError for an address or a mode that is none.
    """
    from microfiche.extract.alone import capture_of, outlet_named, read_alone

    return read_alone(capture_of(data, url), outlet_named(name), mode)


def load_dataset(
    name: str | Path,
    config: str | None = None,
    *,
    split: str | None = None,
    version: str | None = None,
    **options: Any,
) -> Any:
    """Rows of one table of a release: a DatasetDict, or a Dataset if `split` is given.

    `name` and `version` as in `path`; `config` is a table with rows, `articles` if None; the one
    split is "train". Options go to `datasets.load_dataset`: `streaming`, `columns`, `filters`,
    `cache_dir`. Works without a network but for a dataset of the Hub that is not in its cache; one
    that is streamed from there is read as it comes, the fixity of its rows unchecked. Raises as
    `path`.
    """
    from microfiche.verify.descriptions import card_fault
    from microfiche.verify.remembered import check_once

    table = config or "articles"
    target, wanted = split_version(str(name), version)
    repository = hub_repository(target)
    if repository and options.get("streaming"):
        from microfiche.distribute.hub import describe, stream, tag_of

        tag = tag_of(repository, wanted)
        _refuse_without_rows(read_release(describe(repository, tag)), table)
        return stream(repository, table, tag, split=split, **options)
    root = _folder(str(name), version, table)
    held = read_release(root)
    _refuse_without_rows(held, table)
    check_once(held, [table])
    if fault := card_fault(held, table):
        raise DataError(f"{root}: {fault}", "`microfiche verify` it, and fetch it again")
    if PATTERN.search(str(root.resolve())):
        raise DataError(
            f"{root.resolve()}: `datasets` takes these characters in a path for a pattern",
            "move the release to a folder without * ? [ ] and ::",
        )
    import datasets

    return datasets.load_dataset(str(root.resolve()), table, split=split, **options)
