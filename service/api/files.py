"""`/rulebooks/…/import` and `…/export`: rulebooks from files and to files."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.datastructures import UploadFile
from starlette.requests import Request  # noqa: TC002 - FastAPI reads it at run time
from starlette.responses import Response

from decision_tables.errors import InvalidRequest
from decision_tables.formats import Format, format_named
from service.access import Scope
from service.api.desk import caller_of, desk_of, json_answer
from service.api.document import answers
from service.api.wire import DiagnosticShape, ImportBody, import_body
from service.importing import KEY

__all__ = ["is_upload", "router"]

router = APIRouter(prefix="/rulebooks", tags=["files"])

_MAX_FILES = 200
_ERRORS = (400, 401, 403, 404, 413, 422, 503)
_Key = Annotated[str, Query(pattern=KEY, description="Of the rulebook; else what the file says.")]
_DryRun = Annotated[bool, Query(description="Only tell what would change; save nothing.")]
_Title = Annotated[str, Query(max_length=200, description="Of the draft.")]
_Name = Annotated[str, Query(max_length=200, description="Of the file, where the body is the file itself.")]
_NUMBER = Query(ge=1, le=2**31 - 1, description="Else the active one.")
_TAKES = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "files": {"type": "array", "items": {"type": "string", "format": "binary"}}
                    },
                }
            },
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
_READ = answers(200, ImportBody, "What would change; nothing is saved.", errors=_ERRORS)
_SAVED = answers(201, ImportBody, "The draft that was made.", errors=())


def is_upload(path: str) -> bool:
    """Whether files are sent to that path, which are larger than questions."""
    return path.endswith("/import")


@router.post(
    "/import",
    summary="Bring in a rulebook from files",
    response_class=Response,
    responses={**_READ, **_SAVED},
    openapi_extra=_TAKES,
)
async def bring_in(
    request: Request, *, key: _Key = "", dry_run: _DryRun = False, title: _Title = "", name: _Name = ""
) -> Response:
    """Reads files and makes a draft of what they say.

    They are a DMN model with those that it imports, a workbook of Excel, tables as CSV, a zip of models or of tables,
    or a JSON document. Told is what was left out or forgiven (`notes`) and what is wrong with the rulebook
    (`diagnostics`), of a workbook with the address of the cell. Broken cells keep nothing from becoming a draft; a
    file that cannot be read does.
    """
    return await _brought(request, key, dry_run=dry_run, title=title, name=name)


@router.post(
    "/{rulebook}/import",
    summary="Bring in another version of a rulebook from files",
    response_class=Response,
    responses={**_READ, **_SAVED},
    openapi_extra=_TAKES,
)
async def bring_into(
    request: Request,
    rulebook: str,
    *,
    dry_run: _DryRun = False,
    title: _Title = "",
    name: _Name = "",
) -> Response:
    """As `/rulebooks/import`, into the rulebook of that key, which the files do not name."""
    await caller_of(request, Scope.EDIT)
    await desk_of(request).store.drafts(rulebook)  # so that a misspelt key makes no rulebook
    return await _brought(request, rulebook, dry_run=dry_run, title=title, name=name)


@router.get(
    "/{rulebook}/export",
    summary="Take a rulebook out as a file",
    response_class=Response,
    responses={
        200: {
            "description": "The file; with `notes`, as JSON what its format cannot say.",
            "content": {form.media_type_of(table): {} for form in Format for table in ("", "one")},
        },
        **answers(errors=(401, 403, 404, 422, 503)),
    },
)
async def take_out(
    request: Request,
    rulebook: str,
    *,
    to: Annotated[str, Query(alias="format", description=", ".join(Format))] = Format.DMN.value,
    release: Annotated[int | None, _NUMBER] = None,
    draft: Annotated[str, Query(max_length=100, description="The id of a draft in its place.")] = "",
    table: Annotated[str, Query(max_length=200, description="One table alone; with `format=csv`.")] = "",
    notes: Annotated[bool, Query(description="Tell what the format cannot say, and send no file.")] = False,
) -> Response:
    """Gives a release, or a draft, as a file of another tool."""
    await caller_of(request, Scope.EDIT if draft else Scope.READ)
    wanted = format_named(to)
    taken = await desk_of(request).importing.take_out(
        rulebook, wanted, release=release, draft=draft, table=table
    )
    if notes:
        return json_answer([DiagnosticShape.of(found) for found in taken.written.notes])
    headers = {"content-disposition": f'attachment; filename="{taken.name}"'}
    return Response(taken.written.data, media_type=taken.media_type, headers=headers)


async def _brought(request: Request, key: str, *, dry_run: bool, title: str, name: str) -> Response:
    actor = await caller_of(request, Scope.EDIT)
    importing = desk_of(request).importing
    preview = await importing.preview(await _files(request, name), key)
    if dry_run:
        return json_answer(import_body(preview))
    draft = await importing.bring_in(preview, actor, title)
    return json_answer(import_body(preview, draft), status=201)


async def _files(request: Request, name: str) -> dict[str, bytes]:
    """The files of a form, each by its name; or the body itself."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        body = await request.body()
        if not body:
            raise InvalidRequest("There is no file in the body.", code="body/no-file")
        return {name or "file": body}
    async with request.form(max_files=_MAX_FILES, max_fields=_MAX_FILES) as form:
        files: dict[str, bytes] = {}
        for _, part in form.multi_items():
            if isinstance(part, UploadFile):
                files[_free_name(part.filename or "file", files)] = await part.read()
    if not files:
        raise InvalidRequest("There is no file in the form.", code="body/no-file")
    return files


def _free_name(name: str, taken: dict[str, bytes]) -> str:
    number = 2
    free = name
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    return free
