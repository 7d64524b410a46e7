"""The description of our interface (OpenAPI 3.1), made from the table of routes and the types that it names."""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

import graphengine
from graphengine.server.routes import API, Route

REF = "#/components/schemas/{name}"


class Error(msgspec.Struct, frozen=True):
    """What was wrong: a code for programs, a sentence with the actual values, and what to do about it.

    Attributes:
        problems: All that is wrong with a workflow, where it is one that cannot be run.
        current: The version that is there now, where a document was saved by others.
        id: Where the log tells more, when the service itself failed.
    """

    code: str
    message: str
    cure: str
    problems: list[dict[str, Any]] = []
    current: int | None = None
    id: str = ""


class Failure(msgspec.Struct, frozen=True):
    """Every answer that tells an error."""

    error: Error


def describe(routes: Iterable[Route]) -> dict[str, Any]:
    """The document for those of the routes that are below ``/api/v1``."""
    ours = [route for route in routes if route.path.startswith(f"{API}/")]
    types = [type for route in ours for type in (route.body, route.answer) if type is not None]
    queries = [route.query for route in ours if route.query is not None]
    schemas, components = msgspec.json.schema_components([*types, Failure], ref_template=REF)
    _, parameters = msgspec.json.schema_components(queries, ref_template=REF)
    schema_of = {repr(type): schema for type, schema in zip([*types, Failure], schemas, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for route in ours:
        operation = _operation(route, schema_of, parameters)
        paths.setdefault(_template(route.path), {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "graphengine", "version": graphengine.__version__, "license": {"name": "Apache-2.0"}},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}, {}],
    }


def _operation(route: Route, schema_of: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{route.method.lower()}_{re.sub('[^a-z]+', '_', route.path.removeprefix(API)).strip('_')}",
        "summary": route.summary,
        "parameters": [*_path_parameters(route.path), *_query_parameters(route, parameters)],
        "responses": {str(status): _answer(route, status, schema_of) for status in route.statuses}
        | {"default": {"description": "An error.", "content": _json(schema_of[repr(Failure)])}},
    }
    if route.body is not None:
        operation["requestBody"] = {"required": True, "content": _json(schema_of[repr(route.body)])}
    elif route.media != "application/json":
        operation["requestBody"] = {"required": True, "content": {route.media: {"schema": {"type": "object"}}}}
    if route.open:
        operation["security"] = []
    return operation


def _answer(route: Route, status: int, schema_of: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": route.summary}
    if route.answer is not None:
        answer["content"] = _json(schema_of[repr(route.answer)])
    elif status == 200:
        answer["content"] = {route.gives: {}}
    return answer


def _path_parameters(path: str) -> list[dict[str, Any]]:
    names = re.findall(r"{(\w+)", path)
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _query_parameters(route: Route, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    fields = parameters[route.query.__name__]["properties"]
    return [{"name": name, "in": "query", "required": False, "schema": schema} for name, schema in fields.items()]


def _template(path: str) -> str:
    """``{name:.+}`` as ``{name}``."""
    return re.sub(r"{(\w+):[^}]*}", r"{\1}", path)


def _json(schema: Any) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
