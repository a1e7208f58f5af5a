"""One door for files: which format a file has, and who reads or writes it."""

from __future__ import annotations

import io
import lzma
import re
import zipfile
import zlib
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import msgspec

from decision_tables.diagnostics import Diagnostic, Severity, Where, near_miss
from decision_tables.errors import InvalidRequest, InvalidRulebook, NotFound
from decision_tables.exact_json import json_of
from decision_tables.formats.dmn import imports_of, read_again, read_dmn, write_dmn
from decision_tables.formats.exchange import Reading, Written
from decision_tables.formats.sheets import (
    is_separated,
    is_workbook,
    read_csv,
    read_xlsx,
    write_csv,
    write_xlsx,
)
from decision_tables.rulebook import Rulebook, canonical_json, document_of, rulebook_of
from decision_tables.said import joined, said, said_of

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Format", "format_named", "key_like", "read", "write"]


class Format(StrEnum):
    """What files can be written as, by the names that callers use."""

    DMN = "dmn"
    DMN_1_3 = "dmn-1.3"
    XLSX = "xlsx"
    CSV = "csv"
    JSON = "json"

    @property
    def ending(self) -> str:
        """How a file's name ends that holds a whole rulebook; of separated values it is a zip, a file each table."""
        return {Format.DMN_1_3: "dmn", Format.CSV: "zip"}.get(self, self.value)

    @property
    def media_type(self) -> str:
        """What HTTP calls such a file."""
        return _MEDIA_TYPES[self.ending]

    def ending_of(self, table: str = "") -> str:
        """How a file's name ends, of a whole rulebook or of one table."""
        return "csv" if table and self is Format.CSV else self.ending

    def media_type_of(self, table: str = "") -> str:
        """What HTTP calls a file, of a whole rulebook or of one table."""
        return _MEDIA_TYPES[self.ending_of(table)]


def format_named(name: str) -> Format:
    """The format of that name.

    Raises:
        NotFound: there is none (`format/unknown`).
    """
    try:
        return Format(name)
    except ValueError:
        close = near_miss(name, list(Format))
        message = joined(
            " ",
            [
                said("There is no format {name}.", name=name),
                *([said("Did you mean {close}?", close=close)] if close else []),
                said("There are: {names}.", names=", ".join(Format)),
            ],
        )
        raise NotFound(message, code="format/unknown") from None


def write(rulebook: Rulebook, to: Format, *, table: str = "") -> Written:
    """A rulebook as a file, and what the format cannot say.

    Args:
        rulebook: it may be a draft with broken texts; they are written as they are.
        to: the format.
        table: the key of a table that is wanted alone; of separated values only.

    Raises:
        InvalidRequest: another format is wanted of one table (`format/whole`).
        NotFound: there is no such table.
    """
    if table and to is not Format.CSV:
        message = said("One table alone is written as {csv}, and not as {to}.", csv=Format.CSV, to=to)
        raise InvalidRequest(message, code="format/whole")
    match to:
        case Format.DMN:
            return write_dmn(rulebook)
        case Format.DMN_1_3:
            return write_dmn(rulebook, version="1.3")
        case Format.XLSX:
            return write_xlsx(rulebook)
        case Format.CSV:
            return write_csv(rulebook, table)
        case Format.JSON:
            return Written(msgspec.json.format(canonical_json(document_of(rulebook)), indent=2) + b"\n")


def read(files: Mapping[str, bytes], into: Rulebook | None = None, *, key: str = "") -> Reading:
    """The rulebook that files hold: a DMN model with its imports, a workbook, separated values, a JSON document.

    Zips of models or of separated values are opened.

    Args:
        files: by name, what they hold. Of several DMN models the one that none of the others imports is the
            rulebook.
        into: the rulebook that they are read against; what the files say replaces what it says, and of what DMN
            has no place for it keeps what other tools have dropped. Of a workbook, or separated values, the rules
            are known by their ids, and a table that is not of ours takes its place among its tables.
        key: of the rulebook; else that of `into`; else what the files say, or are called.

    Raises:
        InvalidRulebook: they cannot be read; all diagnostics at once, codes `file/…`, `dmn/…`, `sheet/…`,
            `rulebook/…`.
    """
    opened = _opened(files)
    key = key or ("" if into is None else into.key)
    kinds = {name: _kind_of(name, data) for name, data in opened.items()}
    odd = [name for name, kind in kinds.items() if kind is None]
    if odd or not opened:
        raise InvalidRulebook([_unknown(name, opened[name]) for name in odd] or [_NOTHING])
    if set(kinds.values()) == {"dmn"}:
        return _models(opened, into, key)
    if set(kinds.values()) == {"csv"}:
        return _keyed(read_csv(opened, into, key), opened)
    if len(opened) > 1:
        message = said("These files are not read together: {names}.", names=", ".join(sorted(opened)))
        hint = said(
            "Several DMN models, or several tables as CSV, may be read at once; any other file comes alone."
        )
        raise InvalidRulebook([Diagnostic("file/together", Where(), message, hint)])
    ((name, data),) = opened.items()
    if kinds[name] == "xlsx":
        return _keyed(read_xlsx(name, data, into, key), opened)
    return _document(name, data, key)


def key_like(name: str) -> str:
    """A rulebook's key made of a file's name."""
    stem = name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:60] or "rulebook"


def _keyed(reading: Reading, files: Mapping[str, bytes]) -> Reading:
    """The reading, its rulebook called as the first file is if nothing else says how."""
    if reading.rulebook.key:
        return reading
    return replace(reading, rulebook=replace(reading.rulebook, key=key_like(next(iter(files)))))


def _opened(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files, archives opened, each by a name that is fit to be said and no other has."""
    opened: dict[str, bytes] = {}
    left = MAX_UNPACKED
    for name, data in files.items():
        parts = _unzipped(_said(name), data, left) if _is_archive(data) else {name: data}
        for inner, content in parts.items():
            opened[_free(_said(inner), opened)] = content
            left -= len(content)
        if len(opened) > MAX_FILES:
            raise _refused(
                "file/too-large",
                _said(name),
                said("Over {files} files cannot be read together.", files=MAX_FILES),
            )
        if left < 0:
            raise _refused(
                "file/too-large",
                _said(name),
                said("Together they have over {unpacked} bytes.", unpacked=MAX_UNPACKED),
            )
    return opened


def _is_archive(data: bytes) -> bool:
    """Whether a file is a zip of others, and not one that is packed as such."""
    return data[:4] == _ZIP and not is_workbook(data)


def _said(name: str) -> str:
    """What a file is called in messages: without its folders, nor signs that a terminal or a page would act on."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(sign for sign in last if sign.isprintable()).strip()[-_LONGEST_NAME:] or "file"


def _free(name: str, taken: Mapping[str, bytes]) -> str:
    free, n = name, 1
    while free in taken:
        n += 1
        free = f"{name} ({n})"
    return free


def _unzipped(name: str, data: bytes, left: int) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not _is_beside(entry)]
            if len(entries) > MAX_FILES:
                raise _refused("file/too-large", name, said("It holds over {files} files.", files=MAX_FILES))
            for entry in entries:
                with archive.open(entry) as packed:
                    # What an entry says of its size is not believed: no more is unpacked than there is room for.
                    content = packed.read(left + 1)
                left -= len(content)
                if left < 0:
                    message = said("It holds more than {unpacked} bytes.", unpacked=MAX_UNPACKED)
                    raise _refused("file/too-large", name, message)
                found[_free(entry.filename, found)] = content
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
        ValueError,
    ) as error:
        told = " ".join(str(error).split()) or type(error).__name__
        raise _refused(
            "file/archive", name, said("The archive cannot be opened: {told}.", told=told)
        ) from error
    return found


def _is_beside(entry: zipfile.ZipInfo) -> bool:
    """Whether an archive's entry is a folder, or what a system puts beside people's files."""
    return entry.is_dir() or entry.filename.startswith("__MACOSX/") or "/." in f"/{entry.filename}"


def _kind_of(name: str, data: bytes) -> str | None:
    """What a file is, by what it begins with; None if it is nothing that is read here."""
    if data[:4] == _ZIP:
        return "xlsx" if is_workbook(data) else None
    if data.strip() and name.lower().endswith(_SEPARATED):
        return "csv"
    start = data[:400].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00")
    if start.startswith(b"<"):
        return "dmn"
    if start.startswith(b"{") and not data.startswith(b"{\\rtf"):
        return "json"
    if start and name.lower().endswith((".dmn", ".xml")):
        return "dmn"
    return "csv" if "." not in name and is_separated(data) else None


def _models(files: Mapping[str, bytes], into: Rulebook | None, key: str) -> Reading:
    """The model that none of the others imports; where several are so, the first."""
    names = list(files)
    notes: list[Diagnostic] = []
    root = names[0]
    if len(names) > 1:
        spaces = _spaces(files)
        imported = {space for own, others in spaces.values() for space in others if space != own}
        roots = [name for name in names if spaces[name][0] not in imported] or names[:1]
        root = roots[0]
        needed = _needed(root, spaces)
        for name in names:
            if name not in needed:
                message = said("{name} is not read: {root} does not import it.", name=name, root=root)
                notes.append(Diagnostic("file/not-read", Where(name), message, severity=Severity.WARNING))
    others = {name: data for name, data in files.items() if name != root}
    called = root if others else ""
    if into is None:
        reading = read_dmn(files[root], name=called, others=others, key=key)
    else:
        reading = read_again(files[root], replace(into, key=key), name=called, others=others)
    return Reading(reading.rulebook, (*notes, *reading.notes))


def _spaces(files: Mapping[str, bytes]) -> dict[str, tuple[str, frozenset[str]]]:
    """Of each model its namespace, and those of the models that it imports; all that cannot be read is told."""
    spaces: dict[str, tuple[str, frozenset[str]]] = {}
    wrong: list[Diagnostic] = []
    homes: dict[str, str] = {}
    for name, data in files.items():
        try:
            spaces[name] = imports_of(data, name)
        except InvalidRulebook as error:
            wrong += error.diagnostics
            continue
        other = homes.setdefault(spaces[name][0], name)
        if other != name:
            message = said(
                "{other} and {name} are models of one namespace, {spaces}.",
                other=other,
                name=name,
                spaces=spaces[name][0],
            )
            wrong.append(Diagnostic("file/same-model", Where(name), message, said("Leave one of them out.")))
    if wrong:
        raise InvalidRulebook(wrong)
    return spaces


def _needed(root: str, spaces: Mapping[str, tuple[str, frozenset[str]]]) -> set[str]:
    """The models that one imports, and those that these import, and so on; itself too."""
    by_space = {own: name for name, (own, _) in spaces.items()}
    needed, ahead = {root}, [root]
    while ahead:
        for space in spaces[ahead.pop()][1]:
            name = by_space.get(space)
            if name is not None and name not in needed:
                needed.add(name)
                ahead.append(name)
    return needed


def _document(name: str, data: bytes, key: str) -> Reading:
    try:
        found = json_of(data.removeprefix(b"\xef\xbb\xbf"), depth=MAX_DEPTH, what=said("file"))
    except InvalidRequest as error:
        raise _refused("file/json", name, said_of(error)) from error
    # A release as the service gives it carries the document inside.
    document = found.get("document", found) if isinstance(found, dict) else None
    if not isinstance(document, dict):
        raise _refused("rulebook/shape", name, said("The file holds no rulebook document."))
    rulebook = rulebook_of(document)
    if not key or key == rulebook.key:
        return Reading(rulebook)
    message = said("The file calls the rulebook {key}; it is read as {own}.", key=rulebook.key, own=key)
    note = Diagnostic("file/other-key", Where(name), message, severity=Severity.WARNING)
    return Reading(replace(rulebook, key=key), (note,))


def _unknown(name: str, data: bytes) -> Diagnostic:
    what = said("It is empty.") if not data.strip() else said("What it holds is not known here.")
    known = next((told for sign, told in _ELSEWHERE.items() if data.startswith(sign)), "")
    hint = said("Read are DMN models, workbooks (.xlsx), CSV, zips of models or CSV, and JSON documents.")
    if known:
        hint = joined(" ", [known, hint])
    return Diagnostic("file/unknown", Where(name), what, hint)


def _refused(code: str, name: str, message: str) -> InvalidRulebook:
    return InvalidRulebook([Diagnostic(code, Where(name), message)])


MAX_FILES: Final = 1_000
MAX_UNPACKED: Final = 64 * 1024 * 1024
MAX_DEPTH: Final = 250
"""Levels of nesting in a document."""

_LONGEST_NAME: Final = 100
_SEPARATED: Final = (".csv", ".tsv", ".tab")
_MEDIA_TYPES: Final = {
    "dmn": "application/xml",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
    "csv": "text/csv; charset=utf-8",
}
_ZIP: Final = b"PK\x03\x04"
_ELSEWHERE: Final = {
    _ZIP: said("It is an archive in another one: unpack it first."),
    b"\xd0\xcf\x11\xe0": said(
        "It is of an old version of Office, or locked by a password: save it anew as .xlsx."
    ),
    b"%PDF": said("It is a PDF, which holds pictures of tables and no tables."),
    b"{\\rtf": said("It is a text of a word processor."),
}
_NOTHING: Final = Diagnostic("file/unknown", Where(), said("There is no file to be read."))
