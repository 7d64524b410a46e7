"""What is posted to ``/prompt``, read: the same bytes as the last ones are not read again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphengine.compat.comfyui import refusals
from graphengine.compat.comfyui.api_format import read_api
from graphengine.compat.comfyui.refusals import refusal
from graphengine.engine import Engine
from graphengine.graph import document
from graphengine.graph.errors import DocumentError, GraphengineError
from graphengine.graph.workflow import Workflow


class Refused(Exception):
    """The graph is not run; ``answer`` says why."""

    def __init__(self, answer: dict[str, Any], status: int = 400) -> None:
        super().__init__(answer["error"]["message"])
        self.answer, self.status = answer, status


@dataclass(frozen=True)
class Posted:
    """A graph, and what came with it.

    Attributes:
        body: All that was sent; not to be changed.
        workflow: Its graph.
    """

    body: Mapping[str, Any]
    workflow: Workflow


def reader(engine: Engine) -> Callable[[bytes], Posted]:
    """A function that reads a body, or raises ``Refused``: it is no JSON object, or its prompt no graph."""

    @lru_cache(maxsize=1)
    def read(data: bytes) -> Posted:
        body = _body(data)
        return Posted(body, _graph(engine, body.get("prompt")))

    return read


def _body(data: bytes) -> dict[str, Any]:
    try:
        body = document.parse(data)
    except DocumentError as error:
        raise Refused(refusal("invalid_json", error.message, error.cure)) from None
    if not isinstance(body, dict):
        raise Refused(refusal("invalid_json", f"The body is a {type(body).__name__}, not an object."))
    return body


def _graph(engine: Engine, graph: Any) -> Workflow:
    if graph is None:
        raise Refused(refusal(*refusals.NO_PROMPT))
    if not isinstance(graph, dict):
        message = f"The prompt is a {type(graph).__name__}, not an object of nodes by id."
        raise Refused(refusal("invalid_prompt", message))
    if not graph:
        raise Refused(refusal(*refusals.NO_OUTPUTS))
    if (answer := refusals.without_class(graph)) is not None:
        raise Refused(answer)
    try:
        return read_api(graph, engine.registry.specs)
    except GraphengineError as error:
        raise Refused(invalid(error)) from None


def invalid(error: GraphengineError) -> dict[str, Any]:
    """The answer to a prompt that cannot be taken for a reason that has no type of its own."""
    return refusal("invalid_prompt", error.message, error.cure)
