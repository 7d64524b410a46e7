"""A workflow as a picture: boxes with titles, ports and values, and links in the colour of their type."""

import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from graphengine.graph.placement import place
from graphengine.graph.signature import Signatures
from graphengine.graph.spec import NodeSpec
from graphengine.graph.svg_node import CHARACTER, HEADER, LINE, NEUTRAL, WIDTH, Box, Paint, clean, draw
from graphengine.graph.types import ANY, WIDGETS
from graphengine.graph.workflow import SUBWORKFLOW, Workflow

MARGIN = 40
NARROWEST, WIDEST, HIGHEST = 170, 900, 900
FURTHEST = 1e6  # no coordinate of a layout is believed beyond
STYLE = """
text { font: 12px Inter, "Segoe UI", "Helvetica Neue", Arial, sans-serif; fill: #30343b }
text.title { font-size: 13px; font-weight: 600; fill: #1d2127 }
text.port, text.name { fill: #6b7280 }
text.out, text.value { text-anchor: end }
text.group { font-size: 15px; font-weight: 600; fill: #59606b }
.node { fill: #ffffff; stroke: #d0d5dd }
.inner { fill: none; stroke: #d0d5dd }
.head { fill: #f0f2f5 }
.field { fill: #f6f7f9 }
.link { fill: none; stroke-width: 2; stroke-opacity: .8 }
.muted { opacity: .4 }
.bypassed { opacity: .6 }
.muted .node, .bypassed .node { stroke-dasharray: 5 4; stroke: #8b93a1 }
.note { fill: #fdf8e1; stroke: #ece2b8 }
"""

Rectangle = tuple[float, float, float, float]  # x, y, width, height


def svg(workflow: Workflow, specs: Mapping[str, NodeSpec], colors: Mapping[str, str] | None = None) -> str:
    """The picture of a workflow; nodes stand where its layout has them, or in columns if it does not place them all.

    Args:
        colors: Port type -> ``#rrggbb``; other types get one of their own, always the same.
    """
    entries = _entries(workflow)
    placed = all(_point(entry.get("pos")) for entry in entries.values())
    boxes = _boxes(workflow, specs)
    for id, box in boxes.items():
        size = _point(entries[id].get("size")) if placed else None
        if size:
            box.fill(min(max(size[0], NARROWEST), WIDEST), min(max(size[1], 0), HIGHEST) + HEADER)
        else:
            box.fill(WIDTH)
    corners = {} if placed else place(workflow, {id: (box.width, box.height) for id, box in boxes.items()})
    for id, box in boxes.items():
        x, y = _point(entries[id].get("pos")) or (0, 0)
        box.x, box.y = corners.get(id) or (x, y - HEADER)  # a layout says where the part below the title begins
    groups, notes = (_rectangles(workflow, part) if placed else [] for part in ("groups", "notes"))
    paint = Paint(colors or {})
    body = [line for group, rectangle in groups for line in _group(group, *rectangle)]
    body += [line for note, rectangle in notes for line in _note(note, *rectangle)]
    body += [line for box in boxes.values() for line in _links(box, boxes, paint)]
    body += [line for box in boxes.values() for line in draw(box, paint)]
    shown = [(box.x, box.y, box.width, box.height) for box in boxes.values()]
    return _sheet(body, [*shown, *(rectangle for _, rectangle in (*groups, *notes))])


def _sheet(body: list[str], shown: list[Rectangle]) -> str:
    left = min((x for x, _, _, _ in shown), default=0) - MARGIN
    top = min((y for _, y, _, _ in shown), default=0) - MARGIN
    width = max((x + width for x, _, width, _ in shown), default=0) + MARGIN - left
    height = max((y + height for _, y, _, height in shown), default=0) + MARGIN - top
    size = f'width="{width:.0f}" height="{height:.0f}"'
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="{left:.0f} {top:.0f} {width:.0f} {height:.0f}">',
        f"<style>{STYLE}</style>",
        f'<rect x="{left:.0f}" y="{top:.0f}" {size} fill="#fbfbfc"/>',
        *body,
        "</svg>\n",
    ])  # fmt: skip


def _boxes(workflow: Workflow, specs: Mapping[str, NodeSpec]) -> dict[str, Box]:
    """A box for every node: its sockets, its linked inputs, its outputs and those that links name."""
    signatures = Signatures(specs)
    definitions = (workflow.workflows,)
    boxes: dict[str, Box] = {}
    for id, node in workflow.nodes.items():
        ports = signatures.of(node, definitions)
        sockets = {name: type for name, type in ports.inputs.items() if type not in WIDGETS}
        inputs = {name: type for name, type in sockets.items() if name not in node.literals}
        inputs |= {name: signatures.input_type(node, name, definitions) for name in node.links}
        spec = specs.get(node.kind)
        title = node.title or (spec.title if spec else "") or node.kind.removeprefix(SUBWORKFLOW)
        boxes[id] = Box(node, title, inputs, dict(ports.outputs))
    for node in workflow.nodes.values():
        for link in node.links.values():
            if link.node in boxes:
                boxes[link.node].outputs.setdefault(link.output, ANY)
    return boxes


def _entries(workflow: Workflow) -> dict[str, Mapping[str, Any]]:
    nodes = workflow.layout.get("nodes")
    nodes = nodes if isinstance(nodes, Mapping) else {}
    return {id: entry if isinstance(entry := nodes.get(id), Mapping) else {} for id in workflow.nodes}


def _point(data: Any) -> tuple[float, float] | None:
    if not isinstance(data, list) or len(data) != 2 or any(type(part) not in (int, float) for part in data):
        return None
    x, y = data
    return (x, y) if abs(x) < FURTHEST and abs(y) < FURTHEST else None


def _rectangles(workflow: Workflow, part: str) -> list[tuple[Mapping[str, Any], Rectangle]]:
    """The groups or notes of a layout, with their places."""
    entries = workflow.layout.get(part)
    found: list[tuple[Mapping[str, Any], Rectangle]] = []
    for entry in entries if isinstance(entries, list) else []:
        if not isinstance(entry, Mapping):
            continue
        bounding = entry.get("bounding")
        if isinstance(bounding, list):
            corner, size = _point(bounding[:2]), _point(bounding[2:4])
        else:
            corner, size = _point(entry.get("pos")), _point(entry.get("size"))
        if corner and size:
            found.append((entry, (*corner, abs(size[0]), abs(size[1]))))
    return found


def _group(group: Mapping[str, Any], x: float, y: float, width: float, height: float) -> Iterator[str]:
    color = str(group.get("color"))
    fill = color if re.fullmatch("#([0-9a-fA-F]{3}){1,2}", color) else NEUTRAL
    place = f'x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{height:.0f}" rx="10"'
    yield f'<rect {place} fill="{fill}" fill-opacity=".1" stroke="{fill}" stroke-opacity=".35"/>'
    yield f'<text class="group" x="{x + 14:.0f}" y="{y + 24:.0f}">{clean(str(group.get("title", "")), 80)}</text>'


def _note(note: Mapping[str, Any], x: float, y: float, width: float, height: float) -> Iterator[str]:
    yield f'<rect class="note" x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{height:.0f}" rx="8"/>'
    lines = textwrap.wrap(str(note.get("text", ""))[:2000], max(int((width - 24) / CHARACTER), 12))
    for row, line in enumerate(lines[: int((height - 10) / LINE)], 1):
        yield f'<text x="{x + 12:.0f}" y="{y + 6 + LINE * row:.0f}">{clean(line)}</text>'


def _links(box: Box, boxes: Mapping[str, Box], paint: Paint) -> Iterator[str]:
    for name, link in box.node.links.items():
        source = boxes.get(link.node)
        if source is None:
            continue
        (x1, y1), (x2, y2) = source.output_port(link.output), box.input_port(name)
        bend = max(abs(x2 - x1) / 2, MARGIN)
        curve = f"M{x1:.1f} {y1:.1f}C{x1 + bend:.1f} {y1:.1f} {x2 - bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
        type = source.outputs[link.output]
        color = paint.of(type if type != ANY else box.inputs[name])
        yield f'<path class="link" d="{curve}" stroke="{color}"/>'
