"""What somebody did, in words: the audit trail's actions and the names of their details; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from admin.words import mark

if TYPE_CHECKING:
    from admin.words import Tongue

__all__ = ["action_told", "detail_told"]

_THINGS: Final = {
    "account": mark("account"),
    "case": mark("test case"),
    "column": mark("column"),
    "draft": mark("draft"),
    "fact": mark("fact"),
    "finding": mark("finding"),
    "formula": mark("formula"),
    "function": mark("function"),
    "key": mark("API key"),
    "query": mark("query"),
    "release": mark("release"),
    "review": mark("review"),
    "rows": mark("rows"),
    "rule": mark("row"),
    "rulebook": mark("rulebook"),
    "service": mark("decision service"),
    "setting": mark("setting"),
    "table": mark("table"),
    "type": mark("type"),
}

_DEEDS: Final = {
    "acknowledged": mark("explanation"),
    "activated": mark("activation"),
    "added": mark("addition"),
    "approved": mark("approval"),
    "changed": mark("change"),
    "changes-asked": mark("changes asked for"),
    "comment": mark("comment"),
    "copied": mark("copy"),
    "created": mark("creation"),
    "deleted": mark("deletion"),
    "discarded": mark("discarding"),
    "edited": mark("change"),
    "four-eyes-set": mark("four eyes"),
    "imported": mark("a file brought in"),
    "kept": mark("keeping"),
    "loaded": mark("loading"),
    "moved": mark("move"),
    "password-set": mark("password"),
    "published": mark("publication"),
    "put": mark("change"),
    "rekeyed": mark("another key"),
    "renamed": mark("another name"),
    "reopened": mark("reopening"),
    "revoked": mark("revocation"),
    "scheduled": mark("publication for a day ahead"),
    "seen": mark("seen"),
    "settled": mark("comment settled"),
    "taken-back": mark("undoing"),
    "withdrawn": mark("withdrawal"),
}

_DETAILS: Final = {
    "added": mark("added"),
    "after": mark("after"),
    "base_release": mark("started from release"),
    "by": mark("places"),
    "case": mark("test case"),
    "change": mark("undone revision"),
    "column": mark("column"),
    "deleted": mark("deleted"),
    "draft": mark("draft"),
    "expression": mark("expression"),
    "fact": mark("fact"),
    "facts": mark("facts"),
    "files": mark("files"),
    "finding": mark("finding"),
    "formula": mark("formula"),
    "four_eyes": mark("four eyes"),
    "function": mark("function"),
    "goals": mark("what is asked"),
    "hash": mark("hash"),
    "key": mark("key"),
    "kind": mark("kind"),
    "moved": mark("moved"),
    "name": mark("name"),
    "note": mark("note"),
    "number": mark("number"),
    "of": mark("of"),
    "query": mark("query"),
    "release": mark("release"),
    "revision": mark("revision"),
    "role": mark("role"),
    "rule": mark("row"),
    "scopes": mark("what it may do"),
    "service": mark("decision service"),
    "table": mark("table"),
    "text": mark("text"),
    "title": mark("title"),
    "to": mark("to"),
    "type": mark("type"),
    "value": mark("value"),
    "was": mark("as it was"),
}


def action_told(action: str, words: Tongue) -> str:
    """An action of the audit trail in words, `table: addition`; the action itself where it has none."""
    thing, _, deed = action.partition("/")
    if thing not in _THINGS or deed not in _DEEDS:
        return action
    return words.gettext("%(thing)s: %(deed)s") % {
        "thing": words.gettext(_THINGS[thing]),
        "deed": words.gettext(_DEEDS[deed]),
    }


def detail_told(name: str, words: Tongue) -> str:
    """What a detail of an action is called; its own name where it has no words."""
    return words.gettext(_DETAILS[name]) if name in _DETAILS else name.replace("_", " ")
