"""The syntax tree of FEEL (DMN 1.5, 10.3.1.2): plain frozen nodes, each with the span of text it was read from.

`start` and `end` are a half-open range of characters. Nothing here evaluates: `feel.evaluate` compiles a tree to
closures, the index and the analysis read it. `and`, `or` hold all operands of a chain, so that a long list of
alternatives is wide and not deep.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from decision_tables.diagnostics import Where
from decision_tables.feel.types import Type
from decision_tables.feel.values import Value

if TYPE_CHECKING:
    from collections.abc import Iterator


__all__ = [
    "And",
    "Arithmetic",
    "Between",
    "Call",
    "Cell",
    "Comparison",
    "ContextNode",
    "Conversion",
    "Filter",
    "For",
    "FunctionNode",
    "If",
    "In",
    "InstanceOf",
    "Iteration",
    "ListNode",
    "Literal",
    "Name",
    "Negation",
    "Node",
    "Or",
    "Parameter",
    "Part",
    "Path",
    "Quantified",
    "RangeNode",
    "Span",
    "UnaryComparison",
    "UnaryTests",
    "children",
    "height",
    "walk",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What all nodes have: the span of text, half-open, in characters."""

    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A constant: number (a leading minus folded in), string, boolean, null, or temporal from `@"…"`."""

    value: Value


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A name in scope, in its normal form (single spaces); `?` is the value under test."""

    name: str


@dataclass(frozen=True, slots=True)
class ListNode(Node):
    """`[a, b]`."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextNode(Node):
    """`{a: 1, "b c": a}`; later entries may read earlier ones."""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class RangeNode(Node):
    """`[low..high)`."""

    low: Node
    high: Node
    low_closed: bool
    high_closed: bool


@dataclass(frozen=True, slots=True)
class Negation(Node):
    """`-a` where `a` is no number literal."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """`a op b`; op is one of `+ - * / **`."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """`a op b`; op is one of `= != < <= > >=`."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class UnaryComparison(Node):
    """`op a`, as a test on the value in hand; inside an expression, in parentheses, a range."""

    op: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    """`a between low and high`, both ends included."""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """`a in test` or `a in (test, test)`."""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class And(Node):
    """`a and b and c`."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    """`a or b or c`."""

    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class If(Node):
    """`if condition then consequence else alternative`."""

    condition: Node
    consequence: Node
    alternative: Node


@dataclass(frozen=True, slots=True)
class Iteration(Node):
    """`name in source`, or `name in source..last` where `last` is not None."""

    name: str
    source: Node
    last: Node | None


@dataclass(frozen=True, slots=True)
class For(Node):
    """`for x in xs, y in ys return body`; `partial` names the results so far."""

    iterations: tuple[Iteration, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    """`some x in xs satisfies condition`, or `every`; strict, as boxed, it is null unless each is true or false."""

    every: bool
    iterations: tuple[Iteration, ...]
    condition: Node
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Path(Node):
    """`source.name`."""

    source: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    """`source[condition]`: an element by number, or the elements of which the condition is true."""

    source: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`function(a, b)` or `function(x: a, y: b)`; `names` is empty for arguments by position."""

    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    """`value instance of type`."""

    value: Node
    type: Type


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """A formal parameter of a function literal; `type` is None where none is written."""

    name: str
    type: Type | None


@dataclass(frozen=True, slots=True)
class FunctionNode(Node):
    """`function(a: number, b) body`; `external` functions have no meaning here and are null."""

    parameters: tuple[Parameter, ...]
    body: Node
    external: bool


@dataclass(frozen=True, slots=True)
class UnaryTests(Node):
    """An input cell: true if one of the tests is; `negated` under `not(…)`; `any` for `-`, which always holds."""

    tests: tuple[Node, ...]
    negated: bool
    any: bool


# What no FEEL text spells: the joints of boxed expressions (10.2.2).


@dataclass(frozen=True, slots=True)
class Cell(Node):
    """A text of its own inside a greater whole; spans under it count in its own text."""

    text: str
    where: Where
    node: Node


@dataclass(frozen=True, slots=True)
class Conversion(Node):
    """A value held to a declared type (10.3.2.9.4).

    Attributes:
        value: what is held to it.
        convert: takes a value, gives it as the type wants it; raises `Trouble` where nothing leads there.
    """

    value: Node
    convert: Callable[[Value], Value]


@dataclass(frozen=True, slots=True)
class Part(Node):
    """What the host works out from the values of names in scope: a decision table inside an expression.

    Attributes:
        names: what it reads.
        work_out: takes the values by name and the run, gives the value.
        reads_clock: whether it reads a date or the time.
    """

    names: tuple[str, ...]
    work_out: Callable[[dict[str, Value], Any], Value]
    reads_clock: bool = False


Span = tuple[int, int]
_FIELDS: dict[type, tuple[str, ...]] = {}


def children(node: Node) -> Iterator[Node]:
    """The nodes directly under a node, in the order of the text."""
    names = _FIELDS.get(type(node))
    if names is None:
        plain = {"start", "end", "value"} if isinstance(node, Literal) else {"start", "end"}
        names = _FIELDS[type(node)] = tuple(f.name for f in fields(node) if f.name not in plain)
    for name in names:
        part = getattr(node, name)
        if isinstance(part, Node):
            yield part
        elif isinstance(part, tuple):
            for item in part:
                if isinstance(item, Node):
                    yield item
                elif isinstance(item, tuple) and isinstance(item[1], Node):
                    yield item[1]


def walk(node: Node) -> Iterator[Node]:
    """The node and all nodes under it."""
    rest = [node]
    while rest:
        found = rest.pop()
        yield found
        rest.extend(children(found))


def height(node: Node) -> int:
    """How deep the tree is: 1 for a leaf. Needs no recursion, however deep it is."""
    level, deep = [node], 0
    while level:
        deep += 1
        level = [child for parent in level for child in children(parent)]
    return deep
