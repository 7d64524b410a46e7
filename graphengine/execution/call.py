"""Call one node: put its inputs together, map it over lists, take its outputs apart."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from graphengine.execution.values import Items
from graphengine.graph.errors import Cancelled, NodeError
from graphengine.graph.node import Expansion
from graphengine.graph.spec import NodeSpec, OutputSpec
from graphengine.graph.types import WIDGETS

Function = Callable[..., Any]


def call(
    function: Function,
    spec: NodeSpec,
    inputs: Mapping[str, Any],
    services: Mapping[str, Any],
    cancelled: Callable[[], bool],
) -> tuple[Any, ...] | Expansion:
    """The outputs of a node, one for each of the spec's.

    Inputs that are ``Items`` call the function once for each, the shorter ones repeating their last; an input that
    takes ``Many`` gets all of them as a list.

    Raises:
        NodeError: It returned something else than it declared.
        Exception: Whatever the function raises.
    """
    lists = [name for name, value in inputs.items() if isinstance(value, Items)]
    mapped = any(not _takes_many(spec, name) for name in lists)
    calls = list(arguments(spec, inputs))
    if spec.coroutine:
        at_a_time = [[given] for given in calls] if spec.resource == "device" else [calls]
        groups = ([_invoke(function, spec, given, services) for given in group] for group in at_a_time)
        returned = [value for group in groups for value in asyncio.run(_await_all(group, cancelled))]
    else:
        returned = []
        for given in calls:
            if returned and cancelled():
                raise Cancelled
            returned.append(_invoke(function, spec, given, services))
    if not mapped and isinstance(returned[0], Expansion):
        return returned[0]
    rows = [_outputs(spec, value) for value in returned]
    if not mapped:
        return tuple(Items(v) if port.many else v for port, v in zip(spec.outputs, rows[0], strict=True))
    return tuple(_joined([row[i] for row in rows], port.many) for i, port in enumerate(spec.outputs))


def _takes_many(spec: NodeSpec, name: str) -> bool:
    port = spec.input_port(name)
    return port is not None and port.many


def arguments(spec: NodeSpec, inputs: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The arguments of each call, by input name."""
    fixed: dict[str, Any] = {}
    mapped: dict[str, Items] = {}
    for name, value in inputs.items():
        if value is None and name in spec.lazy_inputs:  # it was not needed, so there are no items
            fixed[name] = None
        elif _takes_many(spec, name):
            fixed[name] = list(value) if isinstance(value, (Items, list)) else [value]
        elif isinstance(value, Items):
            mapped[name] = value
        else:
            fixed[name] = value
    if not mapped:
        yield fixed
    elif all(mapped.values()):
        for i in range(max(len(items) for items in mapped.values())):
            yield fixed | {name: items[min(i, len(items) - 1)] for name, items in mapped.items()}


def _invoke(function: Function, spec: NodeSpec, given: Mapping[str, Any], services: Mapping[str, Any]) -> Any:
    """Positional for a variadic function, by name otherwise."""
    variadic = next((port.name for port in spec.inputs if port.variadic), None)
    if variadic is None:
        return function(**given, **services)
    members = {name: value for name, value in given.items() if spec.input_port(name) is spec.inputs_by_name[variadic]}
    ordered = sorted(members, key=lambda name: int(name[len(variadic) :]))
    before = [
        given.get(port.name, None if port.optional else port.default) for port in spec.inputs if not port.variadic
    ]
    return function(*before, *(members[name] for name in ordered), **services)


async def _await_all(coroutines: list[Any], cancelled: Callable[[], bool]) -> list[Any]:
    gathered = asyncio.gather(*coroutines)
    while not gathered.done():
        await asyncio.wait([gathered], timeout=0.05)
        if cancelled() and not gathered.done():
            gathered.cancel()
            await asyncio.gather(gathered, return_exceptions=True)
            raise Cancelled
    return gathered.result()


def _outputs(spec: NodeSpec, value: Any) -> tuple[Any, ...]:
    if isinstance(value, Expansion):
        raise NodeError("It returned a workflow for one of several items.", "Expand before the list, or after it.")
    count = len(spec.outputs)
    if count == 0:
        return ()
    if count == 1 and not _is_row(value, spec.outputs[0]):
        return (value,)
    if isinstance(value, tuple) and len(value) == count:
        return tuple(value)
    names = ", ".join(port.name for port in spec.outputs)
    raise NodeError(f"It returned {type(value).__name__}, not its {count} outputs ({names}).", "Mend the node.")


def _is_row(value: Any, port: OutputSpec) -> bool:
    """Whether it is a named tuple of outputs, and no value of the port that is one itself."""
    names = getattr(value, "_fields", None) if isinstance(value, tuple) else None
    return names is not None and (port.type in WIDGETS or [name.rstrip("_") for name in names] == [port.name])


def _joined(column: list[Any], many: bool) -> Items:
    return Items(item for items in column for item in items) if many else Items(column)
