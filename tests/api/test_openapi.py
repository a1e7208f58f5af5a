"""The OpenAPI document is true: the answers fit it, its examples work, and it knows every route."""

import json

import jsonschema_rs
import pytest

from service.api import decide, decisions, drafts, files, rulebooks, status, testing
from service.main import create_app
from service.settings import Settings


@pytest.fixture
async def document(local):
    return (await local.get("/openapi.json")).json()


def fits(document, schema, body):
    rooted = {**schema, "components": document["components"]}
    return list(jsonschema_rs.Draft202012Validator(rooted, validate_formats=True).iter_errors(body))


def schema_of(document, path, method, status):
    content = document["paths"][path][method]["responses"][str(status)]["content"]
    (media,) = content.values()
    return media["schema"]


async def test_every_route_but_the_pages_is_in_the_document(document):
    routes = {
        (route.path, method.lower())
        for face in (decide, decisions, drafts, files, rulebooks, status, testing)
        for route in face.router.routes
        for method in route.methods
    }
    assert routes == {(path, method) for path, methods in document["paths"].items() for method in methods}
    assert ("/decide", "post") in routes


async def test_the_document_is_openapi_3_1_and_all_its_references_lead_somewhere(document):
    assert document["openapi"] == "3.1.0"
    known = document["components"]["schemas"]
    for reference in json.dumps(document).split('"$ref": "')[1:]:
        name = reference.partition('"')[0].removeprefix("#/components/schemas/")
        assert name in known
    assert "HTTPValidationError" not in known


@pytest.mark.parametrize("explain", ["none", "brief", "full"])
async def test_answers_fit_their_schemas(local, keyed, document, explain):
    body = {"rulebook": "fees", "query": "all", "explain": explain, "facts": {"age": 40, "kind": "odd"}}
    decided = (await keyed.post("/decide", json=body)).json()
    assert fits(document, schema_of(document, "/decide", "post", 200), decided) == []
    replayed = (await keyed.post(f"/decisions/{decided['id']}/replay")).json()
    assert fits(document, schema_of(document, "/decisions/{decision}/replay", "post", 200), replayed) == []
    for path, called in (
        ("/rulebooks", "/rulebooks"),
        ("/rulebooks/{rulebook}", "/rulebooks/fees"),
        ("/rulebooks/{rulebook}/releases", "/rulebooks/fees/releases"),
        ("/rulebooks/{rulebook}/releases/{number}", "/rulebooks/fees/releases/1"),
    ):
        assert fits(document, schema_of(document, path, "get", 200), (await keyed.get(called)).json()) == []
    refused = await local.post("/decide", json=body)
    assert fits(document, schema_of(document, "/decide", "post", refused.status_code), refused.json()) == []


@pytest.mark.parametrize(
    "body",
    [
        {"rulebook": "fees"},
        {"rulebook": "fees", "goals": [], "facts": {}},
        {"rulebook": "fees", "as_of": "2026-02-30"},
        {"rulebook": "fees", "as_of": None, "release": None},
        {"rulebook": "fees", "release": 0},
        {"rulebook": "fees", "absent": "null"},
        {"rulebook": "fees", "absent": None},
        {"rulebook": "fees", "explain": "long"},
        {"rulebook": "fees", "factz": {}},
        {"facts": {}},
        {"rulebook": 3},
        {"rulebook": "fees", "released_at": "2999-01-01T00:00:00Z"},
    ],
)
async def test_a_body_is_taken_just_when_its_schema_takes_it(local, document, body):
    schema = document["paths"]["/decide"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    answer = await local.post("/decide", json=body)
    assert (answer.status_code == 200) == (fits(document, schema, body) == []), answer.text
    if answer.status_code == 422:
        assert fits(document, schema_of(document, "/decide", "post", 422), answer.json()) == []


async def test_the_examples_of_the_document_are_answered(sqlite_url):
    import httpx

    app = create_app(Settings(database_url=sqlite_url))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client,
    ):
        taken = app.openapi()["paths"]["/decide"]["post"]["requestBody"]["content"]["application/json"]
        assert taken["examples"]
        for example in taken["examples"].values():
            answer = await client.post("/decide", json=example["value"])
            assert answer.status_code == 200, answer.text
            assert answer.json()["conclusions"]
