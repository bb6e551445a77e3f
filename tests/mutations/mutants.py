"""Each small thing that can be wrong in a rule, by the source's own shape.

A comparison, a sign, an `and`, a number, a condition, a statement, a row of a table.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from types import CodeType

NO_RULE = {"annotation", "returns", "decorator_list", "bases", "type_params"}
COMPARED = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
SIGNS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
CALLED = {"min": "max", "max": "min", "all": "any", "any": "all"}
NEGATED_ANYWAY = (ast.Compare, ast.UnaryOp)
DELETED = (
    ast.Assign, ast.AugAssign, ast.Expr, ast.Raise, ast.If, ast.For, ast.While,
    ast.Break, ast.Continue,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    what: str
    source: str
    """The whole file, with one thing changed."""

    lines: range
    """Of the statement that is changed."""

    within: tuple[str, ...]
    """The function it is in: its name, or its class and its name; or none at all."""

    def code(self, name: str) -> CodeType:
        """What that function is now."""
        code = compile(self.source, name, "exec")
        for inner in self.within:
            parts = (c for c in code.co_consts if isinstance(c, CodeType))
            code = next(c for c in parts if c.co_name == inner)
        return code


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node hangs: in a field of its parent, or at a place of a list there."""

    node: ast.AST
    parent: ast.AST
    field: str
    no: int | None
    lines: range
    within: tuple[str, ...]

    def put(self, node: ast.AST) -> None:
        if self.no is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.no] = node


def mutants(source: str) -> Iterator[Mutant]:
    """Each that reads otherwise than the source and than those before it."""
    tree = ast.parse(source)
    known = {ast.unparse(tree)}
    for no, place in enumerate(_places(tree)):
        for how in _changes(place):
            other = copy.deepcopy(tree)
            what = how(list(_places(other))[no])
            text = ast.unparse(ast.fix_missing_locations(other))
            if text not in known:
                known.add(text)
                yield Mutant(what, text, place.lines, place.within)


def _places(
    parent: ast.AST,
    lines: range = range(0),
    names: tuple[str, ...] = (),
    within: tuple[str, ...] = (),
) -> Iterator[Place]:
    """Depth first, without annotations, sentences and what is only imported."""
    for field, value in ast.iter_fields(parent):
        if field in NO_RULE:
            continue
        of = (names if field == "body" else ()) if _is_function(parent) else within
        nodes = enumerate(value) if isinstance(value, list) else [(None, value)]
        for no, node in nodes:
            if isinstance(node, ast.AST) and not _is_silent(node):
                at = _lines(node) if isinstance(node, ast.stmt) else lines
                name = (*names, node.name) if _has_body(node) and not within else names
                yield Place(node, parent, field, no, at, of)
                yield from _places(node, at, name, of)


def _has_body(node: ast.AST) -> bool:
    return isinstance(node, ast.ClassDef) or _is_function(node)


def _is_function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef)


def _lines(node: ast.stmt) -> range:
    """Of a statement; where it has others inside, up to the first of them."""
    inside = getattr(node, "body", None)
    return range(node.lineno, inside[0].lineno if inside else node.end_lineno + 1)


def _is_silent(node: ast.AST) -> bool:
    said = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return said or isinstance(node, ast.Import | ast.ImportFrom)


def _changes(place: Place) -> Iterator[partial[str]]:
    """What can be wrong there; each is done to the same place of a copy."""
    for kind, how in WRONG:
        if isinstance(place.node, kind):
            yield from how(place)
    if place.field in {"test", "ifs"} and not isinstance(place.node, NEGATED_ANYWAY):
        yield partial(_negated)


def _comparisons(place: Place) -> Iterator[partial[str]]:
    for no, op in enumerate(place.node.ops):
        yield from (partial(_compared, no=no, to=to) for to in COMPARED[type(op)])


def _signs(place: Place) -> Iterator[partial[str]]:
    if type(place.node.op) in SIGNS:
        yield partial(_signed, to=SIGNS[type(place.node.op)])


def _unary(place: Place) -> Iterator[partial[str]]:
    if isinstance(place.node.op, ast.Not | ast.USub):
        yield partial(_unsigned)


def _values(place: Place) -> Iterator[partial[str]]:
    value = place.node.value
    if isinstance(value, bool):
        yield partial(_valued, to=not value)
    elif isinstance(value, int):
        yield from (partial(_valued, to=value + by) for by in (1, -1))


def _calls(place: Place) -> Iterator[partial[str]]:
    if getattr(place.node.func, "id", None) in CALLED:
        yield partial(_called)


def _returns(place: Place) -> Iterator[partial[str]]:
    if place.node.value is not None:
        yield partial(_nothing)


def _statements(place: Place) -> Iterator[partial[str]]:
    if place.within:
        yield partial(_deleted)


def _rows(place: Place) -> Iterator[partial[str]]:
    """Of a table; one within a function is a value like any other."""
    if not place.within:
        rows = getattr(place.node, "keys", None) or place.node.elts
        yield from (partial(_without, no=no) for no in range(len(rows)))


WRONG = (
    (ast.Compare, _comparisons),
    ((ast.BinOp, ast.AugAssign, ast.BoolOp), _signs),
    (ast.UnaryOp, _unary),
    (ast.Constant, _values),
    (ast.Call, _calls),
    (ast.Return, _returns),
    (DELETED, _statements),
    ((ast.Dict, ast.Set), _rows),
)


def _compared(place: Place, no: int, to: type[ast.cmpop]) -> str:
    before = ast.unparse(place.node)
    place.node.ops[no] = to()
    return _told(before, place.node)


def _signed(place: Place, to: type[ast.AST]) -> str:
    before = ast.unparse(place.node)
    place.node.op = to()
    return _told(before, place.node)


def _unsigned(place: Place) -> str:
    place.put(place.node.operand)
    return _told(ast.unparse(place.node), place.node.operand)


def _valued(place: Place, to: object) -> str:
    before = ast.unparse(place.parent)
    place.node.value = to
    return _told(before, place.parent)


def _called(place: Place) -> str:
    before = ast.unparse(place.node)
    place.node.func.id = CALLED[place.node.func.id]
    return _told(before, place.node)


def _nothing(place: Place) -> str:
    before = ast.unparse(place.node)
    place.node.value = ast.Constant(None)
    return _told(before, place.node)


def _negated(place: Place) -> str:
    no = ast.UnaryOp(ast.Not(), place.node)
    place.put(no)
    return _told(ast.unparse(place.node), no)


def _deleted(place: Place) -> str:
    place.put(ast.Pass())
    return f"without: {_short(ast.unparse(place.node))}"


def _without(place: Place, no: int) -> str:
    if isinstance(place.node, ast.Dict):
        row = ast.unparse(place.node.keys.pop(no) or place.node.values[no])
        place.node.values.pop(no)
    else:
        row = ast.unparse(place.node.elts.pop(no))
    return f"without the row of {row}"


def _told(before: str, after: ast.AST) -> str:
    return f"{_short(before)} -> {_short(ast.unparse(after))}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) < 90 else f"{line[:87]}..."
