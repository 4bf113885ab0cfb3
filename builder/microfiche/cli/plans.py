"""What would be added, told before it is, on standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from microfiche.cli.rendering import counted, say
from microfiche.errors import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from microfiche.curation.folders import FilePlan, Refused
    from microfiche.curation.plans import Plan

REFUSALS_SHOWN, COUNTS_SHOWN = 50, 12


def tell_files(plan: FilePlan) -> None:
    """What files give, before they are added, on standard error."""
    files = counted(len(plan.candidates), "file")
    say(f"{files} of {counted(plan.n_captures, 'capture')}, {len(plan.refused):,} refused")
    for what, counts in (
        ("kind", plan.kinds), ("outlet", plan.outlets), ("host", plan.hosts),
        ("month of retrieval", plan.months),
    ):  # fmt: skip
        if counts:
            say(f"by {what}: {most(counts)}")
    if plan.unclaimed:
        say(f"of no outlet yet: {most(plan.unclaimed)}; run `microfiche outlets --new --all`")
    for count, what in (
        (plan.n_unretrieved, "without a time of retrieval"),
        (plan.n_faulty, "that a build will reject for what they are"),
        (plan.n_known, "already there: files"),
        (plan.n_restated, "there with another record, which this one corrects"),
    ):
        if count:
            say(f"{count:,} {what}")
    for each in plan.refused[:REFUSALS_SHOWN]:
        tell_refusal(each)
    if len(plan.refused) > REFUSALS_SHOWN:
        say(f"refused: {len(plan.refused):,} files in all, of which the first are shown")


def tell_refusal(refused: Refused) -> None:
    """A file that is not added, and why."""
    say(one_line(f"refused: {refused.file}: {refused.reason}"))


def tell_rows(plan: Plan) -> None:
    """What a table gives, before it is added, on standard error."""
    if plan.database:
        say(f"{plan.source}: {counted(plan.n_rows, 'article')} of an export of {plan.database}")
    else:
        say(f"{plan.source}: {counted(plan.n_rows, 'row')}")
    _tell_columns(plan)
    say(f"{plan.n_fit:,} fit, {plan.n_refused:,} refused")
    for what, counts in (("outlet", plan.outlets), ("host", plan.hosts), ("month", plan.months)):
        if counts:
            say(f"by {what}: {most(counts)}")
    if plan.unclaimed:
        say(
            f"of no outlet yet: {most(plan.unclaimed)}; run `microfiche outlets --new --all`, or "
            "write them into the files of outlets that they are of: hosts as [[domains]], names "
            "among `other_names`"
        )
    for count, what in (
        (plan.n_undated, "without a day of publication"),
        (plan.n_unretrieved, "without a time of retrieval; --retrieved-at states one for all"),
        (plan.n_twice, "that say the same as one before them"),
        (plan.n_unzoned, "whose time of retrieval states no zone; give --zone"),
        (plan.n_untimed, "whose time of publication or change states no zone; give --zone"),
        (plan.n_odd, "with a time that clocks skip or show twice, or have not; its day is kept"),
        (plan.pages, "with a whole page, from which all else is read"),
        (len(plan.known), "already there: files of captures"),
    ):
        if count:
            say(f"{count:,} {what}")
    _tell_replaced(plan)
    _tell_refused(plan)


def _tell_replaced(plan: Plan) -> None:
    """What a table changes of the one that was added under its name."""
    if plan.earlier:
        say(
            f"another {plan.source.name} was added before ({plan.earlier}), and stays beside this "
            "one; --replace puts this one in its place"
        )
    if (found := plan.replaces) is None:
        return
    say(
        f"in the place of {found.stem}: {found.n_same:,} rows are the same, "
        f"{len(found.replaced):,} are replaced, {found.n_new:,} are new, {len(found.gone):,} gone"
    )
    for pair in [*found.replaced, *found.gone][:REFUSALS_SHOWN]:
        record = pair.old.record
        name = record.get("title") or record.get("url") or pair.old.capture_id
        say(one_line(f"{', '.join(pair.fields) or 'gone'}: {name}"))
    if len(found.pairs) > REFUSALS_SHOWN:
        say(f"and {len(found.pairs) - REFUSALS_SHOWN:,} more")


def _tell_columns(plan: Plan) -> None:
    """What each column says."""
    mapped = plan.columns
    if mapped.preset:
        say(f"  read as {mapped.preset} writes it")
    for key, column in mapped.columns.items():
        say(f"  {key} from {column!r}{_guessed(key, mapped.guessed)}{_ordered(plan, column)}")
    for name, column in mapped.annotations.items():
        guessed = _guessed(f"annotation.{name}", mapped.guessed)
        say(f"  annotation {name!r} from {column!r}{guessed}")
    if plan.unread:
        say(f"  not read: {', '.join(plan.unread)}; give each as a table of its own")
    if mapped.unused:
        say(f"  not used: {', '.join(map(repr, mapped.unused))}; --map KEY=COLUMN uses one")


def _tell_refused(plan: Plan) -> None:
    """What is left out, and which rows do not fit."""
    for (key, cell), count in sorted(plan.left_out.items()):
        say(f"left out: {key} {cell!r} ({counted(count, 'row')})")
    for mismatch in plan.refused[:REFUSALS_SHOWN]:
        say(f"refused: {mismatch}")
    if plan.n_refused > REFUSALS_SHOWN:
        say(f"refused: {plan.n_refused:,} rows in all, of which the first are shown")


def _guessed(key: str, guessed: Sequence[str]) -> str:
    return " (by its name)" if key in guessed else ""


def _ordered(plan: Plan, column: str) -> str:
    return f" ({plan.orders[column]})" if column in plan.orders else ""


def most(counts: Mapping[str, int]) -> str:
    """The largest counts, and how many more there are."""
    ranked = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    shown = ", ".join(f"{one_line(name)} {count:,}" for name, count in ranked[:COUNTS_SHOWN])
    more = len(ranked) - COUNTS_SHOWN
    return f"{shown} and {more:,} more" if more > 0 else shown
