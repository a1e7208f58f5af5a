"""JSON as it was written: numbers keep their digits, no member stands twice, nothing nests without end."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec

from decision_tables.errors import InvalidRequest
from decision_tables.said import said

__all__ = ["json_of"]

_decoder: Final = msgspec.json.Decoder(float_hook=Decimal)
_BODY: Final = said("body")


def json_of(raw: bytes, *, depth: int, what: str = _BODY) -> Any:
    """Decoded JSON, numbers as int or Decimal.

    Args:
        raw: UTF-8 text.
        depth: how deep arrays and objects may nest.
        what: what the text is called in messages.

    Raises:
        InvalidRequest: it is no JSON (`body/not-json`), has a member twice (`body/duplicate`), or nests too deep
            (`body/too-deep`).
    """
    too_deep = InvalidRequest(
        said("The {what} nests deeper than {depth} levels.", what=what, depth=depth), code="body/too-deep"
    )
    try:
        found = _decoder.decode(raw)
    except RecursionError:
        raise too_deep from None
    except InvalidOperation:
        raise InvalidRequest(
            said("The {what} holds a number without measure.", what=what), code="body/not-json"
        ) from None
    except msgspec.DecodeError as error:
        message = said("The {what} is no JSON that can be read: {error}.", what=what, error=error)
        raise InvalidRequest(message, code="body/not-json") from None
    except UnicodeDecodeError as error:
        raise InvalidRequest(
            said("The {what} is not UTF-8: {reason}.", what=what, reason=error.reason), code="body/not-json"
        ) from None
    if raw.count(b"[") + raw.count(b"{") > depth and _depth(found, depth) > depth:
        raise too_deep
    if raw.count(b":") > _members(found):
        _refuse_duplicates(raw, what)
    return found


def _members(found: Any) -> int:
    """How many members all objects have together."""
    if type(found) is dict:
        return len(found) + sum(map(_members, found.values()))
    return sum(map(_members, found)) if type(found) is list else 0


def _refuse_duplicates(raw: bytes, what: str) -> None:
    """Refuse an object that has a member twice (RFC 8259 leaves open which counts, and law should not).

    Called only where there are more colons than members: all others have none twice.
    """

    def members(pairs: list[tuple[str, Any]]) -> None:
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise InvalidRequest(
                    said("The {what} says `{name}` twice.", what=what, name=name[:80]), code="body/duplicate"
                )
            seen.add(name)

    json.loads(raw, object_pairs_hook=members, parse_int=str, parse_float=str)


def _depth(found: Any, at_most: int) -> int:
    """How many levels of arrays and objects there are, counted to one beyond `at_most`."""
    level, depth = [found], 0
    while depth <= at_most:
        level = [node for node in level if isinstance(node, list | dict)]
        if not level:
            break
        depth += 1
        level = [part for node in level for part in (node.values() if isinstance(node, dict) else node)]
    return depth
