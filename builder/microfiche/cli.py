"""The command line: each command parses, calls one library function, renders.

Only this module prints or exits. Results go to standard output, all else to standard error.
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from microfiche import __version__
from microfiche.errors import MicroficheError, UsageError, printable

if TYPE_CHECKING:
    from microfiche.finding import Finding

EXIT_CODES = """Exit codes: 0 good; 1 a bug in microfiche; 2 usage; 3 the data has errors or fixity
failed; 4 could not run (unreadable, disk full, version taken); 130 interrupted."""


class Edge(TyperGroup):
    """Turns what the library raises into one line on standard error and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except MicroficheError as error:
            say(f"error: {error}")
            raise typer.Exit(error.exit_code) from error
        except KeyboardInterrupt as error:
            raise typer.Exit(interrupted()) from error
        except BrokenPipeError:
            raise  # whoever reads has seen enough
        except OSError as error:
            named = error.filename or "standard output"
            say(f"error: {named}: {error.strerror or error}; check its disk and its rights")
            raise typer.Exit(4) from error


app = typer.Typer(
    cls=Edge,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
    help="Turn captured news articles into dataset releases to load, verify and cite.",
    epilog=EXIT_CODES,
)
ArchiveArgument = Annotated[Path, typer.Argument(help="The archive's folder.")]
ArchiveOption = Annotated[Path, typer.Option("--archive", help="The archive's folder.")]
ReleaseArgument = Annotated[str, typer.Argument(help="A release's folder, or gazette.")]
LimitOption = Annotated[
    int, typer.Option("--max-capture-bytes", min=1, help="Captures larger than this are not read.")
]
CAPTURE_LIMIT = 64 << 20
ROWS_SHOWN = 5


def main() -> None:
    """Entry point: standard output that cannot be written is an error too."""
    if sys.stdout is None:
        say("error: standard output is closed; open it, or send it to a file")
        sys.exit(4)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if any(printable(argument) != argument for argument in sys.argv[1:]):
        say("error: an argument holds control characters or bytes that are no UTF-8; rename it")
        sys.exit(2)
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        sys.exit(interrupted())
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        say(f"error: standard output: {error.strerror}; make room where it goes")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(4)


def interrupted() -> int:
    """Say so once, and be deaf to further Ctrl-C on the way out; the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    say("interrupted")
    return 130


def say(line: str) -> None:
    """A line for the person, on standard error."""
    with contextlib.suppress(OSError):
        print(printable(line), file=sys.stderr)


def choose(value: str, options: Iterable[str], name: str = "--format") -> None:
    """Refuse a value that is not among the options."""
    known = list(options)
    if value not in known:
        raise UsageError(f"{name} {value}: not known", f"use one of {', '.join(known)}")


def print_json(value: Any) -> None:
    """A value as indented JSON on standard output."""
    import json

    print(json.dumps(value, indent=2, ensure_ascii=False))


@app.callback(invoke_without_command=True)
def version(
    show: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    """Turn captured news articles into dataset releases to load, verify and cite."""
    if show:
        print(f"microfiche {__version__}")
        raise typer.Exit


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the archive goes.")],
    name: Annotated[str, typer.Option(help="Slug that names the dataset.")],
    title: Annotated[str, typer.Option(help="Title of the dataset.")],
    creator: Annotated[list[str], typer.Option(help="Who made it; may be repeated.")] = [],  # noqa: B006
) -> None:
    """Start an archive."""
    from microfiche.starting import init as start

    start(folder, name, title, creator)
    print(f"started archive {name} in {folder}")
    say(f"next: microfiche add FILE --archive {folder}")


@app.command()
def outlets(
    ids: Annotated[list[str], typer.Argument(metavar="[ID]...", help="Outlets to copy.")] = [],  # noqa: B006
    archive: ArchiveOption = Path(),
) -> None:
    """List known outlets, or copy some into the archive."""
    from microfiche.adding import copy_entry
    from microfiche.archive import open_archive
    from microfiche.outlet import known_outlets

    if ids:
        root = open_archive(archive).root
        for each in ids:
            print(f"{each}: {copy_entry(root, each)}")
        return
    for outlet in known_outlets().by_id.values():
        hosts = ", ".join(domain.host for domain in outlet.domains)
        print(f"{outlet.id}\t{outlet.name}\t{hosts}")


@app.command()
def add(
    files: Annotated[list[Path], typer.Argument(metavar="[FILE]...", help="Captures to add.")] = [],  # noqa: B006
    archive: ArchiveOption = Path(),
    outlet: Annotated[str | None, typer.Option(help="Outlet the captures are of.")] = None,
    url: Annotated[str | None, typer.Option(help="Address captured (one file only).")] = None,
    retrieved_at: Annotated[str | None, typer.Option(help="RFC 3339 time with zone.")] = None,
    retrieved_by: Annotated[str | None, typer.Option(help="Person or program.")] = None,
    method: Annotated[str | None, typer.Option(help="How: browser, wget, received.")] = None,
    note: Annotated[str | None, typer.Option(help="What else is known.")] = None,
    records: Annotated[
        Path | None, typer.Option(metavar="TABLE", help="A CSV file, one row a capture.")
    ] = None,
    columns: Annotated[
        str, typer.Option("--map", help="KEY=COLUMN,... of the table, such as url=Link,file=File.")
    ] = "",
    zone: Annotated[str | None, typer.Option(help="Zone of the table's times without one.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show how it is read.")] = False,
) -> None:
    """Copy captures into the archive with their retrieval records."""
    from microfiche.adding import add as add_one
    from microfiche.archive import open_archive

    if bool(files) == bool(records):
        raise UsageError("give files to add, or --records TABLE", "one or the other")
    if (columns or zone or dry_run) and not records:
        raise UsageError("--map, --zone and --dry-run go with --records", "name the table too")
    if url and (records or len(files) > 1):
        raise UsageError("--url goes with one file", "add the files one by one")
    record = {
        "outlet_id": outlet,
        "url": url,
        "retrieved_at": retrieved_at,
        "retrieved_by": retrieved_by,
        "method": method,
        "notes": note,
    }
    if records:
        add_records(archive, records, (columns, zone), record, dry_run=dry_run)
        return
    for file in files:
        print_added(add_one(open_archive(archive), file, record))


def print_added(done: Any) -> None:
    """What became of a file, or of a row without one."""
    what = "already there" if done.already_there else "added"
    if hasattr(done, "line"):
        print(f"{what}: {done.place}: an observation without a file, line {done.line}")
        return
    print(f"{what}: {done.place}: outlet {done.outlet_id}, recognised {done.outlet_source}")
    if done.from_registry:
        say(f"copied the known outlet {done.outlet_id} to raw/outlets/{done.outlet_id}.toml")


def add_records(
    archive: Path,
    table: Path,
    how: tuple[str, str | None],
    record: dict[str, str | None],
    *,
    dry_run: bool,
) -> None:
    """Add the rows of a table, or show how it is read."""
    from microfiche.adding import add_table, row_mismatches
    from microfiche.archive import open_archive
    from microfiche.spreadsheet import read_table

    pairs = [pair.partition("=") for pair in how[0].split(",") if pair]
    if any(not name or not column for name, _, column in pairs):
        raise UsageError(f"--map {how[0]}: not KEY=COLUMN,...", "write url=Link,file=File")
    reading = read_table(table, {name.strip(): column for name, _, column in pairs}, how[1])
    if reading.unused:
        say(f"not used: {', '.join(map(repr, reading.unused))}; give --map KEY=COLUMN to use one")
    if not dry_run:
        for done in add_table(open_archive(archive), reading, record):
            print_added(done)
        return
    print(", ".join(f"{key} from {column!r}" for key, column in reading.columns.items()))
    for row in reading.rows[:ROWS_SHOWN]:
        shown = ", ".join(f"{key} = {value}" for key, value in row.record.items())
        print(f"line {row.line}: {row.file or 'no file'}: {shown or 'nothing known'}")
    mismatches = [*reading.mismatches, *row_mismatches(open_archive(archive), reading, record)]
    for mismatch in mismatches:
        print(f"mismatch: {mismatch}")
    for file in reading.unnamed:
        print(f"not named: {file}")
    wrong = {mismatch.line for mismatch in mismatches}
    fit = counted(sum(row.line not in wrong for row in reading.rows), "row")
    does = "does" if len(mismatches) == 1 else "do"
    print(f"{fit} fit, {counted(len(mismatches), 'cell')} {does} not")
    if mismatches:
        raise typer.Exit(3)


@app.command()
def capture(
    urls: Annotated[list[str], typer.Argument(metavar="URL...", help="Addresses to capture.")],
    archive: ArchiveOption = Path(),
    outlet: Annotated[str | None, typer.Option(help="Outlet the addresses are of.")] = None,
    wayback: Annotated[
        str | None, typer.Option(metavar="DATE", help="Take the memento nearest to this day.")
    ] = None,
    pause: Annotated[float, typer.Option(min=0, help="Seconds between requests to a host.")] = 1.0,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds for one answer.")] = 30.0,
    max_capture_bytes: LimitOption = CAPTURE_LIMIT,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Reach addresses that are not public too.")
    ] = False,
    ignore_robots: Annotated[
        bool, typer.Option("--ignore-robots", help="Capture what robots.txt does not allow.")
    ] = False,
    endpoint: Annotated[
        str, typer.Option("--wayback-endpoint", help="The web archive that is asked.")
    ] = "https://web.archive.org/web",
) -> None:
    """Capture pages from the web, with everything sent and received."""
    from microfiche.archive import open_archive
    from microfiche.capturing import capture as capture_all
    from microfiche.capturing import user_agent
    from microfiche.fetching import Manners

    opened = open_archive(archive)
    manners = Manners(
        user_agent(opened),
        pause,
        timeout,
        max_capture_bytes,
        allow_private,
        not ignore_robots,
    )
    missed = 0
    for each in capture_all(
        opened, urls, manners, outlet=outlet, wayback=wayback, endpoint=endpoint
    ):
        if each.place:
            print(f"captured: {each.place}: status {each.status}, {each.n_bytes:,} bytes")
        if each.fault:
            say(f"error: {each.fault}" if not each.place else f"{each.place}: {each.fault}")
            missed += each.place is None
    if missed:
        raise typer.Exit(4)


@app.command()
def validate(
    archive: ArchiveArgument = Path(),
    form: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
    strict: Annotated[bool, typer.Option(help="Exit 3 for warnings too.")] = False,
    max_capture_bytes: LimitOption = CAPTURE_LIMIT,
) -> None:
    """Find everything that is wrong or notable in an archive; write nothing."""
    from microfiche.archive import open_archive

    choose(form, ("text", "json"))
    with progress() as report:
        opened = open_archive(archive)
        result = opened.validate(max_capture_bytes=max_capture_bytes, progress=report)
    if form == "json":
        print_json([finding.as_json() for finding in result.findings])
    else:
        for finding in result.findings:
            print(printable(str(finding)))
        print(f"{summary(result.findings)} in {counted(result.n_captures, 'capture')}")
    if not result.ok or (strict and any(each.severity != "note" for each in result.findings)):
        raise typer.Exit(3)


def summary(findings: Iterable[Finding]) -> str:
    """How many errors and warnings."""
    severities = [finding.severity for finding in findings]
    errors, warnings = severities.count("error"), severities.count("warning")
    return f"{counted(errors, 'error')}, {counted(warnings, 'warning')}"


def counted(count: int, noun: str) -> str:
    """A count with its noun."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


@app.command()
def build(
    archive: ArchiveArgument = Path(),
    out: Annotated[Path | None, typer.Option(help="Where releases go; ARCHIVE/dist.")] = None,
    version: Annotated[str | None, typer.Option(help="At least the one computed.")] = None,
    date: Annotated[str | None, typer.Option(help="Day of issue, YYYY-MM-DD.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; one a core.")] = None,
    previous: Annotated[
        Path | None, typer.Option(help="The release before, if not in --out.")
    ] = None,
    extract: Annotated[
        str, typer.Option(help="How pages are read: fast, balanced or best.")
    ] = "balanced",
    access: Annotated[
        str, typer.Option(help="full, or public: text withheld or masked by rights.")
    ] = "full",
    sign: Annotated[
        Path | None, typer.Option(metavar="KEY", help="SSH key to sign the checksum file with.")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
    max_capture_bytes: LimitOption = CAPTURE_LIMIT,
) -> None:
    """Build the next release of an archive, or find that nothing changed."""
    from microfiche.archive import open_archive
    from microfiche.engine import spare_pandas

    choose(form, ("text", "json"))
    choose(extract, ("fast", "balanced", "best"), "--extract")
    choose(access, ("full", "public"), "--access")
    spare_pandas()
    from microfiche.build import BuildOptions

    with progress() as report:
        built = open_archive(archive).build(
            BuildOptions(
                out=out,
                version=version,
                date=date,
                workers=workers,
                previous=previous,
                max_capture_bytes=max_capture_bytes,
                progress=report,
                extract=extract,
                access=access,
                sign=sign,
            )
        )
    if form == "json":
        print_json(built.as_json())
        return
    for finding in built.findings:
        say(str(finding))
    for code, count in sorted(built.counts.items()):
        if count > sum(finding.code == code for finding in built.findings):
            say(f"{code}: {count:,} in all; `microfiche validate` lists every one")
    print_built(built, signing=sign is not None)
    if built.unchanged and version not in (None, built.release.version):
        print(f"--version {version} was not needed: nothing changed")


def print_built(built: Any, *, signing: bool) -> None:
    """What a build did, in a few lines."""
    manifest = built.release.manifest
    marks = [mark for mark in ("draft", "restricted") if manifest[mark]]
    state = "unchanged: " if built.unchanged else "built "
    print(f"{state}{built.release.root}{' (' + ', '.join(marks) + ')' if marks else ''}")
    counts = {entry["name"]: entry["n_rows"] for entry in manifest["tables"]}
    print(", ".join(f"{name} {count:,}" for name, count in counts.items() if count))
    print(f"version {built.release.version}: {'; '.join(manifest['version_reasons'])}")
    print(f"fingerprint {built.release.fingerprint}")
    if built.signed:
        print("signed")
    elif signing:
        print("signed before: the signature was left as it is")


@contextlib.contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """A progress report: a bar on a terminal, a line a stage elsewhere."""
    if not sys.stderr.isatty():
        yield lambda stage, done, total: say(f"{stage} ...") if done == 0 and total else None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done)

        yield report


@app.command()
def learn(
    archive: ArchiveArgument = Path(),
    outlet: Annotated[str | None, typer.Option(help="Learn of this outlet alone.")] = None,
) -> None:
    """Learn which lines recur over an outlet's articles, for you to look through."""
    from microfiche.archive import open_archive
    from microfiche.learning import learn as learn_lines

    with progress() as report:
        found = learn_lines(open_archive(archive), outlet, progress=report)
    for each in found:
        if not each.lines:
            print(f"{each.outlet_id}: no line recurs")
            continue
        kept = sum(line.get("apply") is False for line in each.lines)
        note = f", {kept} of them kept in texts" if kept else ""
        print(f"{each.outlet_id}: {counted(len(each.lines), 'line')}{note}: {each.file}")


@app.command()
def verify(
    release: ReleaseArgument,
    load: Annotated[bool, typer.Option("--load", help="Load it with datasets too.")] = False,
    rebuild: Annotated[
        Path | None,
        typer.Option(metavar="ARCHIVE", help="Build it anew from this archive's captures too."),
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="Public key or allowed-signers file that signed it.")
    ] = None,
    where: Annotated[
        str | None, typer.Option(metavar="EXPR", help="A cited subset, to be checked too.")
    ] = None,
    members: Annotated[
        str | None, typer.Option(metavar="DIGEST", help="The digest of its members as cited.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; one a core.")] = None,
    form: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
) -> None:
    """Check everything that a release alone can prove."""
    from microfiche.engine import spare_pandas
    from microfiche.load import path

    if not load:
        spare_pandas()
    from microfiche.verify import verify as check

    choose(form, ("text", "json"))
    root = Path(release) if Path(release).is_dir() else path(release)
    if (where is None) != (members is None):
        raise UsageError("--where and --members go together", "both stand in the citation")
    cited = None if where is None or members is None else (where, members)
    with progress() as report:
        verdicts = check(
            root,
            load=load,
            rebuild=rebuild,
            key=key,
            cited=cited,
            workers=workers or os.cpu_count() or 1,
            progress=report,
        )
    good = all(verdict.ok for verdict in verdicts)
    if form == "json":
        print_json({"release": str(root), "ok": good, "checks": [v.as_json() for v in verdicts]})
    else:
        for verdict in verdicts:
            mark = "ok    " if verdict.ok else "FAILED"
            print(printable(f"{mark} {verdict.check}: {verdict.covered}"))
            for fault in verdict.faults:
                print(printable(f"       {fault}"))
        print(f"{root}: the release {'holds' if good else 'does NOT hold'}")
    if not good:
        raise typer.Exit(3)


@app.command()
def show(
    release: ReleaseArgument,
    article: Annotated[str | None, typer.Argument(metavar="[ID]", help="An article id.")] = None,
    diff: Annotated[
        tuple[str, str] | None, typer.Option(metavar="R1 R2", help="Compare two revisions.")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
) -> None:
    """Show a release, one of its articles, or what changed between two revisions."""
    from microfiche.describe.view import article_view, release_view, revision_diff
    from microfiche.load import path
    from microfiche.release import open_release

    choose(form, ("text", "json"))
    if diff and article is None:
        raise UsageError("--diff goes with an article's ID", "name the article too")
    opened = open_release(path(release))
    if article is None:
        view = release_view(opened)
    elif diff:
        view = revision_diff(opened, article, *diff)
    else:
        view = article_view(opened, article)
    if form == "json":
        print_json(view.data)
    else:
        print(view.text)


@app.command()
def cite(
    release: ReleaseArgument,
    style: Annotated[str, typer.Option(help="bibtex, apa, ris, csl, cff or datacite.")] = "bibtex",
    article: Annotated[str | None, typer.Option(help="Cite this article.")] = None,
    revision: Annotated[str | None, typer.Option(help="In this revision.")] = None,
    where: Annotated[
        str | None,
        typer.Option(metavar="EXPR", help="Cite the articles for which this holds."),
    ] = None,
) -> None:
    """Cite a release, one article of it as captured, or a subset of its articles."""
    from microfiche.load import path
    from microfiche.release import open_release

    if revision and not article:
        raise UsageError("--revision goes with --article", "name the article too")
    if where is not None and article:
        raise UsageError("--where cites many articles, --article one", "give one of them")
    print(open_release(path(release)).cite(style, article, revision, where), end="")


@app.command()
def prove(
    release: ReleaseArgument,
    article: Annotated[str, typer.Argument(metavar="ID", help="An article id or alias.")],
    out: Annotated[Path | None, typer.Option(help="File to write; standard output.")] = None,
) -> None:
    """Prove that an article is in a release, to somebody who has only its fingerprint."""
    from microfiche.load import path
    from microfiche.proof import proof_json
    from microfiche.proof import prove as prove_article
    from microfiche.release import open_release

    write_result(proof_json(prove_article(open_release(path(release)), article)), out)


@app.command()
def withdraw(
    article: Annotated[str, typer.Argument(metavar="ID", help="An article id or alias.")],
    reason: Annotated[
        str, typer.Option(metavar="CODE", help="copyright, court-order, privacy, ...")
    ],
    authority: Annotated[str, typer.Option(help="Who decided it.")],
    date: Annotated[str | None, typer.Option(help="Day, YYYY-MM-DD; today.")] = None,
    note: Annotated[str | None, typer.Option(help="What more may be said.")] = None,
    archive: ArchiveOption = Path(),
) -> None:
    """Withdraw an article from later releases, and list every copy of it to see to."""
    from microfiche.archive import open_archive
    from microfiche.withdrawing import withdraw as withdraw_article

    statement = {"reason": reason, "authority": authority, "date": date, "note": note}
    done = withdraw_article(open_archive(archive), article, statement)
    print(f"{'already withdrawn' if done.already else 'withdrawn'}: {', '.join(done.article_ids)}")
    for copy in done.copies:
        print(f"copy: {copy.where}: {copy.remedy}")
    if not done.copies:
        print("no copy is known of")
    say(f"next: microfiche build {archive}")


@app.command()
def rehydrate(
    release: ReleaseArgument,
    archive: Annotated[Path, typer.Argument(metavar="ARCHIVE", help="Who holds the captures.")],
    out: Annotated[Path | None, typer.Option(help="Where it goes; ARCHIVE/dist.")] = None,
) -> None:
    """Put the texts of a public release back from captures, each proved by its digest."""
    from microfiche.load import path
    from microfiche.rehydrating import rehydrate as put_back
    from microfiche.release import open_release

    done = put_back(open_release(path(release)), archive, out or archive / "dist")
    print(f"{done.release.root}: {counted(done.put_back, 'text')} put back")
    print(f"fingerprint {done.release.fingerprint}")
    for each in done.still_withheld:
        say(f"{each}: still withheld: its captures in {archive} do not give this text")
    if done.still_withheld:
        raise typer.Exit(3)


def write_result(data: bytes, out: Path | None) -> None:
    """A result to a file, or to standard output."""
    if out is None:
        print(data.decode(), end="")
        return
    out.write_bytes(data)
    say(f"wrote {out}")


@app.command()
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A release's folder.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="A later one's.")],
    form: Annotated[str, typer.Option("--format", help="text, json or markdown.")] = "text",
) -> None:
    """Say what differs from one release to another, by digests, and what version that makes."""
    from microfiche.describe.view import diff_view
    from microfiche.load import path
    from microfiche.release import open_release

    choose(form, ("text", "json", "markdown"))
    view = diff_view(open_release(path(old)), open_release(path(new)))
    if form == "json":
        print_json(view.data)
    else:
        print(view.markdown if form == "markdown" else view.text)


if __name__ == "__main__":
    main()
