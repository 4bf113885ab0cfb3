"""Publishing a release: verified before, made visible as a whole, checked by the target's answer.

Publishing never changes a release. Where one went is written into raw/releases.toml of its archive,
for the next release to tell.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from microfiche.archive.files import RELEASES
from microfiche.archive.publications import record_place
from microfiche.describe.facts import check_may_leave
from microfiche.distribute.addresses import check_address
from microfiche.distribute.hub import SCHEME
from microfiche.distribute.outside import one_line
from microfiche.distribute.target import Plan, Target, archive_of
from microfiche.engine import Progress, silent
from microfiche.errors import CannotRun, DataError, UsageError
from microfiche.release import Release
from microfiche.release.locating import HUB
from microfiche.verify import verify
from microfiche.verify.files import is_local

MAX_FAULTS = 10


@dataclass(frozen=True)
class PublishOptions:
    """How to publish.

    dry_run       only say what would change
    confirm       make a deposit public, which cannot be taken back
    restricted    the target is private or gated
    replace_card  what was edited on the Hub may be replaced
    """

    dry_run: bool = False
    confirm: bool = False
    restricted: bool = False
    replace_card: bool = False
    workers: int = 1
    progress: Progress = silent


class Published(NamedTuple):
    """What publishing did, or would do.

    plan       what it changed
    where      where the release is, or will be
    public     whether it can be read there now; a deposit that is not confirmed is a draft
    recorded   the file that says so; None if the release lies in no archive
    """

    plan: Plan
    where: str
    public: bool
    recorded: Path | None = None


def publish(release: Release, target: str, options: PublishOptions) -> Published:
    """Publish a release at an address. Published already, it is left as it is.

    Raises UsageError for an address that is none; DataError for a release that may not leave, does
    not hold or is older than what is published; CannotRun for another one under its version, or a
    target that cannot be reached.
    """
    if not is_local(release.root):
        raise DataError(f"{release.root}: is published already", "fetch it with microfiche.path")
    check_may_leave(release, restricted=options.restricted)
    archive = archive_of(release)
    wrong = [each for each in archive.findings if each.where == RELEASES] if archive else []
    if wrong:
        raise DataError(f"{wrong[0]}", "mend it first: where a release goes is kept there")
    with contextlib.closing(target_of(target, options)) as place:
        done = _published(release, place, options)
    if archive is None or not done.public or options.dry_run:
        return done
    record_place(archive.raw, release.version, release.access, done.where)
    return done._replace(recorded=archive.root / RELEASES)


def _published(release: Release, place: Target, options: PublishOptions) -> Published:
    plan = place.plan(release)
    if options.dry_run and not plan.done:
        return Published(plan, plan.where, public=False)
    if not options.dry_run:
        _refuse_broken(release, options)
    if not plan.done:
        place.publish(release, plan, options.progress)
    if faults := place.check(release):
        raise CannotRun(
            f"{place.address(release)[0]}: not what was built: {'; '.join(faults[:MAX_FAULTS])}",
            "somebody changed it there: see to it before anybody cites it",
        )
    where, public = place.address(release)
    return Published(plan, where, public)


def target_of(target: str, options: PublishOptions) -> Target:
    """The target at an address. Raises UsageError, CannotRun."""
    if target.startswith("zenodo://"):
        from microfiche.distribute.deposits import Deposit

        return Deposit(target, confirm=options.confirm)
    scheme, _ = check_address(target)
    if scheme == "hf":
        from microfiche.distribute.hub_target import HubTarget

        match = HUB.fullmatch(target)
        if not target.startswith(SCHEME) or match is None:
            raise UsageError(
                f"{one_line(target)}: no dataset on the Hub", f"write {SCHEME}ORG/NAME"
            )
        return HubTarget(match[1], replace_card=options.replace_card)
    from microfiche.distribute.stores import Store

    return Store(target)


def _refuse_broken(release: Release, options: PublishOptions) -> None:
    faults = [
        f"{verdict.check}: {fault}"
        for verdict in verify(release.root, workers=options.workers, progress=options.progress)
        for fault in verdict.faults
    ]
    if faults:
        raise DataError(
            f"{release.root} does not hold: {'; '.join(faults[:MAX_FAULTS])}",
            "publish nothing that does not verify",
        )
