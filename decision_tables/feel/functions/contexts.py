"""Built-ins on contexts (DMN 1.5, 10.3.4.8)."""

from __future__ import annotations

from decision_tables.feel.functions.signatures import Budget, builtin
from decision_tables.feel.values import (
    Trouble,
    Value,
)
from decision_tables.said import said


@builtin("get value", "m: context, key: string")
def _get_value(context: dict[str, Value], key: str) -> Value:
    return context.get(key)


@builtin("get entries", "m: context", run=True)
def _get_entries(run: Budget, context: dict[str, Value]) -> Value:
    run.spend(len(context))
    return [{"key": key, "value": value} for key, value in context.items()]


@builtin("context", "entries: list")
def _context(entries: list[Value]) -> Value:
    found: dict[str, Value] = {}
    for entry in entries:
        if type(entry) is not dict or type(entry.get("key")) is not str or "value" not in entry:
            raise Trouble(said("Expected a list of contexts with a key and a value."), "feel/type")
        if entry["key"] in found:
            raise Trouble(said("The key “{entry}” comes twice.", entry=entry["key"]))
        found[entry["key"]] = entry["value"]
    return found


@builtin("context put", "context: context, key: string, value: any")
def _context_put(context: dict[str, Value], key: str, value: Value) -> Value:
    return {**context, key: value}


@builtin("context put", "context: context, keys: list, value: any")
def _context_put_deep(context: dict[str, Value], keys: list[Value], value: Value) -> Value:
    if not keys or not all(type(key) is str for key in keys):
        raise Trouble(said("Expected a list of keys."), "feel/type")
    if len(keys) > 100:
        raise Trouble(said("The context would be nested too deeply."))
    levels = [context]
    for key in keys[:-1]:
        inner = levels[-1].get(key, {})
        if type(inner) is not dict:
            raise Trouble(said("The entry “{key}” is no context.", key=key), "feel/type")
        levels.append(inner)
    for level, key in zip(reversed(levels), reversed(keys), strict=True):
        value = {**level, key: value}
    return value


@builtin("context merge", "contexts: list")
def _context_merge(contexts: list[Value]) -> Value:
    merged: dict[str, Value] = {}
    for context in contexts:
        if type(context) is not dict:
            raise Trouble(said("Expected a list of contexts."), "feel/type")
        merged |= context
    return merged
