"""Subsets of a release's articles by an expression over columns, and the digest of their members.

The expression is a small part of Python's: comparisons, `in`, and, or, not, over columns of
`articles`, annotations.NAME and literals. It is read, never run.
"""

from __future__ import annotations

import ast
import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from microfiche.errors import UsageError
from microfiche.fixity import sha256_hex
from microfiche.release import Release
from microfiche.schema import Spec, kind_of, type_name

if TYPE_CHECKING:
    import pyarrow as pa

GRAMMAR = (
    "write comparisons (== != < <= > >=, in, not in) of columns with quoted strings, numbers, "
    "True, False or None, joined by and, or, not: outlet_id == 'press' and n_words > 200, "
    "or annotations.label == 'reliable'"
)
MAX_NODES = 500
MAX_INTEGER = 2**53
ANNOTATIONS = "annotations"
JUDGED: Spec = {"type": "array", "items": {"type": "string"}}  # what annotations of a name say
COMPARISONS: Mapping[type, str] = {
    ast.Eq: "equal",
    ast.NotEq: "not_equal",
    ast.Lt: "less",
    ast.LtE: "less_equal",
    ast.Gt: "greater",
    ast.GtE: "greater_equal",
}


@dataclass(frozen=True, slots=True)
class Subset:
    """Articles that an expression holds for.

    where      the expression in its normal spelling
    members    SHA-256 of the lines `article_id record_sha256`, sorted, each with a line feed
    """

    where: str
    article_ids: tuple[str, ...]
    members: str

    @property
    def count(self) -> int:
        """Number of articles."""
        return len(self.article_ids)


def select(release: Release, where: str) -> Subset:
    """The articles of a release for which `where` holds; null makes a comparison false.

    Raises UsageError for an expression that is none.
    """
    tree = _parsed(where)
    if sum(1 for _ in ast.walk(tree)) > MAX_NODES:
        raise UsageError("--where: the expression is too long", GRAMMAR)
    names = sorted({node.id for node in ast.walk(tree) if isinstance(node, ast.Name)})
    known = {field.name: field.spec for field in release.kind("articles").fields}
    columns = ["article_id", "record_sha256", *(n for n in names if n in known)]
    table = release.table("articles", list(dict.fromkeys(columns)))
    for name in (each for each in names if each.startswith(f"{ANNOTATIONS}.")):
        known[name] = JUDGED
        table = table.append_column(name, _judged(release, table, name.partition(".")[2]))
    mask = _Reader(table, known).read(tree)
    found = table.select(["article_id", "record_sha256"]).filter(mask).to_pylist()
    lines = sorted(f"{row['article_id']} {row['record_sha256']}\n" for row in found)
    ids = tuple(line.partition(" ")[0] for line in lines)
    return Subset(ast.unparse(tree), ids, sha256_hex("".join(lines).encode()))


def _judged(release: Release, articles: pa.Table, name: str) -> Any:
    """What annotations of a name say of each article, by whomever: a list of strings.

    Raises UsageError if there is none of that name.
    """
    import pyarrow as pa

    held: dict[str, list[str]] = {}
    others: set[str] = set()
    for row in release.table(ANNOTATIONS, ["article_id", "name", "value"]).to_pylist():
        others.add(row["name"])
        if row["name"] == name:
            held.setdefault(row["article_id"], []).append(row["value"])
    if not held:
        names = ", ".join(sorted(others)) or "none at all"
        raise UsageError(f"--where: no annotation {name!r}", f"there are {names}")
    ids = articles["article_id"].to_pylist()
    return pa.array([held.get(each, []) for each in ids], pa.list_(pa.string()))


class _Dotted(ast.NodeTransformer):
    """Makes one name of annotations.NAME."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id == ANNOTATIONS:
            return ast.copy_location(ast.Name(f"{ANNOTATIONS}.{node.attr}", ast.Load()), node)
        return node


def _parsed(where: str) -> ast.expr:
    try:
        tree: ast.expr = _Dotted().visit(ast.parse(where.strip(), mode="eval")).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UsageError(f"--where {where}: not an expression", GRAMMAR) from error
    return tree


class _Reader:
    """Reads an expression over one table as a column of booleans; `known` are its columns."""

    def __init__(self, table: pa.Table, known: Mapping[str, Spec]) -> None:
        self.table, self.known = table, known

    def read(self, node: ast.expr) -> Any:
        import pyarrow.compute as pc

        if isinstance(node, ast.BoolOp):
            join: Callable[[Any, Any], Any] = pc.and_ if isinstance(node.op, ast.And) else pc.or_
            first, *rest = map(self.read, node.values)
            for each in rest:
                first = join(first, each)
            return first
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return pc.invert(self.read(node.operand))
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            parts = [self._compare(*each) for each in zip(sides, node.ops, sides[1:], strict=False)]
            for each in parts[1:]:
                parts[0] = pc.and_(parts[0], each)
            return parts[0]
        if isinstance(node, ast.Name) and type_name(self._spec(node.id)) == "bool":
            return pc.fill_null(self.table[node.id], False)
        raise _unread(node)

    def _compare(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> Any:
        """One comparison, null as false: `not (a == b)` so holds where a is null."""
        import pyarrow.compute as pc

        if isinstance(operator, ast.In | ast.NotIn):
            found = self._contains(left, right)
            if isinstance(operator, ast.In):
                return found
            judged = isinstance(left, ast.Name) and self.known.get(left.id) is JUDGED
            known = (
                pc.is_valid(self._column(left))
                if isinstance(left, ast.Name) and not judged
                else True
            )
            return pc.and_(pc.invert(found), known)
        if not isinstance(left, ast.Name):
            raise _unread(left)
        if self.known.get(left.id) is JUDGED:
            return self._judged(left.id, operator, right)
        column, spec = self._column(left), self._spec(left.id)
        value = _literal(right)
        equal = isinstance(operator, ast.Eq | ast.Is)
        if value is None and (equal or isinstance(operator, ast.NotEq | ast.IsNot)):
            return pc.is_null(column) if equal else pc.is_valid(column)
        if type(operator) not in COMPARISONS:
            raise _unread(right)
        compare = getattr(pc, COMPARISONS[type(operator)])
        return pc.fill_null(compare(column, _typed(value, spec, left.id)), False)

    def _judged(self, name: str, operator: ast.cmpop, right: ast.expr) -> Any:
        """Whether an annotation is, or is not, a value; of several one is enough."""
        import pyarrow as pa

        if not isinstance(operator, ast.Eq | ast.NotEq):
            raise UsageError(f"--where: {name} is compared by ==, != and in alone", GRAMMAR)
        value, equal = _literal(right), isinstance(operator, ast.Eq)
        rows = self.table[name].to_pylist()
        return pa.array([bool(row) and (value in row) == equal for row in rows], pa.bool_())

    def _contains(self, left: ast.expr, right: ast.expr) -> Any:
        """`column in [values]`, or `value in list_column`."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if isinstance(right, ast.Name):
            spec, value = self._spec(right.id), _literal(left)
            if kind_of(spec) != "array" or type_name(spec["items"]) != "string":
                raise UsageError(f"--where: {right.id} is no list of strings", GRAMMAR)
            rows = self.table[right.id].to_pylist()
            return pa.array([value in row for row in rows], pa.bool_())
        if isinstance(left, ast.Name) and isinstance(right, ast.List | ast.Tuple | ast.Set):
            spec = self._spec(left.id)
            if spec is JUDGED:
                wanted = {_literal(each) for each in right.elts}
                rows = self.table[left.id].to_pylist()
                return pa.array([not wanted.isdisjoint(row) for row in rows], pa.bool_())
            values = [_typed(_literal(each), spec, left.id) for each in right.elts]
            column = self._column(left)
            return pc.is_in(column, pa.array(values, column.type))
        raise _unread(right)

    def _column(self, node: ast.Name) -> Any:
        if kind_of(self._spec(node.id)) in ("array", "object"):
            raise UsageError(f"--where: {node.id} is no single value", f"write 'x' in {node.id}")
        return self.table[node.id]

    def _spec(self, name: str) -> Spec:
        known = self.known
        if name in known and (known[name].get("x-withhold") or name == "text_access"):
            raise UsageError(
                f"--where: {name} differs between full and public releases",
                "a citation must hold for both: choose by other columns",
            )
        if name not in known:
            names = ", ".join(each for each in known if kind_of(known[each]) != "object")
            raise UsageError(f"--where: articles have no column {name!r}", f"they have {names}")
        return known[name]


def _unread(node: ast.AST) -> UsageError:
    return UsageError(f"--where: {ast.unparse(node)!r} is not read", GRAMMAR)


def _literal(node: ast.expr) -> Any:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _literal(node.operand)
        if isinstance(value, int) and not isinstance(value, bool):
            return -value
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int | bool | None):
        if isinstance(node.value, str) and not _encodable(node.value):
            raise _unread(node)
        return node.value
    raise _unread(node)


def _encodable(value: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in value)


def _typed(value: Any, spec: Spec, name: str) -> Any:
    """A literal as a column's type has it; dates and times are written as in JSON."""
    kind = type_name(spec)
    try:
        if kind == "date" and isinstance(value, str):
            return datetime.date.fromisoformat(value)
        if kind == "timestamp" and isinstance(value, str):
            moment = datetime.datetime.fromisoformat(value)
            return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
    except ValueError as error:
        raise UsageError(f"--where: {name}: {error}", "write YYYY-MM-DD") from error
    wanted = {"string": str, "bool": bool, "int32": int, "int64": int}.get(kind, type(None))
    fits = isinstance(value, wanted) and isinstance(value, bool) == (wanted is bool)
    if not fits or (wanted is int and abs(value) > MAX_INTEGER):
        raise UsageError(f"--where: {name} is a {kind}, {value!r} is none", GRAMMAR)
    return value
