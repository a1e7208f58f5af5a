"""The OpenAPI 3.1 document: paths from the routes, schemas and examples from the shapes on the wire."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
from fastapi.openapi.utils import get_openapi

from service.api.report import AcknowledgementBody, Report
from service.api.wire import (
    DecideBody,
    DecisionBody,
    ImportBody,
    Problem,
    ReleaseBody,
    ReleaseShape,
    ReplayBody,
    RulebookBody,
    RulebookLine,
)
from service.api.wire_testing import AddedCaseBody, CoverageBody, FaultsBody

if TYPE_CHECKING:
    from fastapi import FastAPI

__all__ = ["answers", "openapi_of", "takes"]

_SHAPES: tuple[Any, ...] = (
    DecideBody,
    DecisionBody,
    ReplayBody,
    list[RulebookLine],
    RulebookBody,
    list[ReleaseShape],
    ReleaseBody,
    ImportBody,
    Report,
    AcknowledgementBody,
    CoverageBody,
    FaultsBody,
    AddedCaseBody,
    Problem,
)
_SCHEMAS, _COMPONENTS = msgspec.json.schema_components(_SHAPES, ref_template="#/components/schemas/{name}")
_SCHEMA_OF = {str(shape): schema for shape, schema in zip(_SHAPES, _SCHEMAS, strict=True)}

_REASONS = {
    400: "The body is no JSON, or nests too deep.",
    401: "Nobody that is known here: bring an API key.",
    403: "Known, and not allowed.",
    404: "There is no such rulebook, release or decision.",
    409: "Somebody else saved the draft first.",
    413: "The body is too large.",
    415: "The body does not say that it is JSON.",
    422: "Facts or fields that are wrong: all of them are named.",
    503: "The answer could not be made durable, or a part does not work now; nothing was answered.",
}

_QUESTION = {
    "rulebook": "telecom",
    "query": "classification",
    "as_of": "2012-10-01",
    "facts": {"jurisdiction": "BE", "service": "Skype", "service_function": "app_to_app_voice"},
}
_EXAMPLES: dict[str, dict[str, Any]] = {
    str(DecideBody): {
        "Skype in Belgium in 2012": {"value": _QUESTION},
        "named goals, in full": {
            "value": {
                **_QUESTION,
                "query": None,
                "goals": ["service_class", "operator_status"],
                "known_on": "2026-01-01",
                "explain": "full",
            }
        },
    },
    str(AcknowledgementBody): {
        "such facts cannot be": {
            "value": {"verdict": "impossible", "reason": "Article 2: whoever offers it operates a network."}
        }
    },
}


def takes(shape: Any) -> dict[str, Any]:
    """What a route takes, for its `openapi_extra`."""
    content = {"schema": _SCHEMA_OF[str(shape)], "examples": _EXAMPLES[str(shape)]}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def answers(
    status: int | None = None, shape: Any = None, meaning: str = "", *, errors: tuple[int, ...]
) -> dict[int | str, dict[str, Any]]:
    """What a route answers, for its `responses`: a shape, and problems."""
    problems: dict[int | str, dict[str, Any]] = {
        code: {
            "description": _REASONS[code],
            "content": {"application/problem+json": {"schema": _SCHEMA_OF[str(Problem)]}},
        }
        for code in errors
    }
    if status is None:
        return problems
    found = {"description": meaning, "content": {"application/json": {"schema": _SCHEMA_OF[str(shape)]}}}
    return {status: found, **problems}


def openapi_of(app: FastAPI) -> dict[str, Any]:
    """The document of an application."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        openapi_version="3.1.0",
        routes=app.routes,
    )
    for methods in document["paths"].values():
        for operation in methods.values():
            told = operation["responses"].get("422", {})
            if "HTTPValidationError" in str(told):  # FastAPI's guess wherever there is a parameter
                del operation["responses"]["422"]
    components = document.setdefault("components", {})
    components["schemas"] = json.loads(json.dumps(_COMPONENTS))
    components["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "An API key: `decidable key create`."},
    }
    document["security"] = [{"key": []}, {}]
    return document
