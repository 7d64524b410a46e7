"""The help of a node kind as Markdown, made from its spec."""

from collections.abc import Iterator

from graphengine.graph.spec import MISSING, InputSpec, NodeSpec

CHOICES = 12  # more are not named


def help_page(spec: NodeSpec) -> str:
    """What a kind does, what it takes and what it gives."""
    return "\n".join(_lines(spec))


def _lines(spec: NodeSpec) -> Iterator[str]:
    yield f"# {spec.title or spec.kind}"
    yield from ("", spec.help)
    if spec.inputs:
        yield from ("", "## Inputs", "", "| name | type | values | |", "| --- | --- | --- | --- |")
        yield from (_row(port.name, port.type, _values(port), port.help) for port in spec.inputs)
    if spec.outputs:
        yield from ("", "## Outputs", "", "| name | type | |", "| --- | --- | --- |")
        yield from (_row(port.name, port.type, port.help) for port in spec.outputs)
    yield ""


def _row(name: str, *cells: str) -> str:
    safe = (" ".join(cell.split()).replace("|", "\\|") for cell in cells)
    return f"| `{name}` | {' | '.join(safe)} |"


def _values(port: InputSpec) -> str:
    """What an input may be, and is if nothing is said."""
    said = []
    if port.choices is not None:
        more = ", …" if len(port.choices) > CHOICES else ""
        said.append(", ".join(f"`{choice}`" for choice in port.choices[:CHOICES]) + more)
    if port.source is not None:
        said.append(f"a name among the {port.source}")
    if port.low is not None or port.high is not None:
        said.append(_range(port.low, port.high))
    if port.optional:
        said.append("may be left out")
    elif port.default not in (MISSING, "", None):
        said.append(f"usually `{port.default}`")
    return "; ".join(said)


def _range(low: float | None, high: float | None) -> str:
    bounds = (f"from {_plain(low)}" if low is not None else "", f"to {_plain(high)}" if high is not None else "")
    return " ".join(filter(None, bounds))


def _plain(number: float) -> str:
    return f"{number:.0f}" if number == round(number) else f"{number:g}"
