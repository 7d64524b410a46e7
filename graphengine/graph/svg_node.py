"""A node as a box: its title, its ports on the sides, its values below them."""

import colorsys
import json
import re
import textwrap
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from xml.sax.saxutils import escape

from graphengine.graph.types import ANY, WIDGETS
from graphengine.graph.workflow import SUBWORKFLOW, Node

WIDTH, HEADER, ROW, LINE, GAP = 250, 32, 22, 15, 8
CHARACTER = 7  # mean width of one
SHORT = 18  # characters of a value that stand beside its name
MAX_LINES, MAX_VALUES = 4, 40
NEUTRAL = "#9aa0a8"


class Paint:
    """The colours of port types: those given, and for every other type one of its own that never changes."""

    def __init__(self, colors: Mapping[str, str]) -> None:
        self._colors = {name: color for name, color in colors.items() if re.fullmatch("#[0-9a-fA-F]{6}", color)}

    def of(self, type: str) -> str:
        if type not in self._colors:
            self._colors[type] = NEUTRAL if type in (ANY, *WIDGETS) else _own_color(type)
        return self._colors[type]


def _own_color(type: str) -> str:
    hue = zlib.crc32(type.encode("utf-8", "replace")) % 360 / 360
    red, green, blue = (round(255 * part) for part in colorsys.hls_to_rgb(hue, 0.58, 0.5))
    return f"#{red:02x}{green:02x}{blue:02x}"


@dataclass
class Box:
    """A node as it is drawn, in pixels.

    Attributes:
        inputs, outputs: Name -> type of the ports that are shown.
        values: Name and lines of the literals that are shown.
        x, y: Upper left corner.
    """

    node: Node
    title: str
    inputs: dict[str, str]
    outputs: dict[str, str]
    values: list[tuple[str, list[str]]] = field(default_factory=list)
    x: float = 0
    y: float = 0
    width: float = WIDTH

    def fill(self, width: float) -> None:
        """Set the width, and the values' lines for it."""
        self.width = width
        self.values = [(name, _lines(value, width)) for name, value in list(self.node.literals.items())[:MAX_VALUES]]

    @property
    def ports_height(self) -> float:
        return ROW * max(len(self.inputs), len(self.outputs))

    @property
    def height(self) -> float:
        return HEADER + self.ports_height + sum(_field_height(lines) + 4 for _, lines in self.values) + 2 * GAP

    def input_port(self, name: str) -> tuple[float, float]:
        """Where a link to an input ends."""
        return self.x, self.y + _port_height(self._input_rows[name])

    def output_port(self, name: str) -> tuple[float, float]:
        """Where a link from an output begins."""
        return self.x + self.width, self.y + _port_height(self._output_rows[name])

    @cached_property
    def _input_rows(self) -> dict[str, int]:
        return {name: row for row, name in enumerate(self.inputs)}

    @cached_property
    def _output_rows(self) -> dict[str, int]:
        return {name: row for row, name in enumerate(self.outputs)}


def _port_height(row: int) -> float:
    return HEADER + GAP + ROW * row + ROW / 2


def _lines(value: Any, width: float) -> list[str]:
    """A value shortened to a line beside its name, or to a few below it."""
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    if len(text) <= SHORT and "\n" not in text:
        return [text]
    columns = max(int((width - 32) / CHARACTER), 12)
    return textwrap.wrap(text[:1000], columns, max_lines=MAX_LINES, placeholder=" …") or [""]


def _is_short(lines: list[str]) -> bool:
    return len(lines) == 1 and len(lines[0]) <= SHORT


def _field_height(lines: list[str]) -> float:
    return ROW if _is_short(lines) else LINE * (len(lines) + 1) + GAP


def clean(text: str, limit: int = 0) -> str:
    """Text for XML, shortened to the limit."""
    shown = text if not limit or len(text) <= limit else text[: limit - 1] + "…"
    return escape(re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "�", shown))


def draw(box: Box, paint: Paint) -> Iterator[str]:
    """The elements of a node."""
    columns = int(box.width / 8)
    yield f'<g transform="translate({box.x:.1f} {box.y:.1f})" class="{box.node.mode}">'
    yield f"<title>{clean(box.title)} ({clean(box.node.kind)})</title>"
    yield f'<rect class="node" width="{box.width:.0f}" height="{box.height:.0f}" rx="8"/>'
    corner = "a7.5 7.5 0 0 1 7.5"
    yield f'<path class="head" d="M.5 {HEADER}V8{corner}-7.5H{box.width - 8:.1f}{corner} 7.5V{HEADER}z"/>'
    if box.node.kind.startswith(SUBWORKFLOW):
        yield f'<rect class="inner" x="4" y="4" width="{box.width - 8:.0f}" height="{box.height - 8:.0f}" rx="5"/>'
    mode = "" if box.node.mode == "on" else f" · {box.node.mode}"
    yield f'<text class="title" x="12" y="21">{clean(box.title + mode, columns)}</text>'
    for row, (name, type) in enumerate(box.inputs.items()):
        yield from _port(0, _port_height(row), type, clean(name, columns // 2), "port", 12, paint)
    for row, (name, type) in enumerate(box.outputs.items()):
        label = clean(type if name.isdigit() and type != ANY else name, columns // 2)
        yield from _port(box.width, _port_height(row), type, label, "port out", box.width - 12, paint)
    y = HEADER + GAP + box.ports_height
    for name, lines in box.values:
        yield from _value(name, lines, y, box.width)
        y += _field_height(lines) + 4
    yield "</g>"


def _port(x: float, y: float, type: str, label: str, style: str, at: float, paint: Paint) -> Iterator[str]:
    yield f'<circle cx="{x:.0f}" cy="{y:.0f}" r="4.5" fill="{paint.of(type)}"/>'
    yield f'<text class="{style}" x="{at:.0f}" y="{y + 4:.0f}">{label}</text>'


def _value(name: str, lines: list[str], y: float, width: float) -> Iterator[str]:
    height = _field_height(lines)
    yield f'<rect class="field" x="8" y="{y:.0f}" width="{width - 16:.0f}" height="{height:.0f}" rx="5"/>'
    yield f'<text class="name" x="16" y="{y + 15:.0f}">{clean(name, int(width / 14))}</text>'
    if _is_short(lines):
        yield f'<text class="value" x="{width - 16:.0f}" y="{y + 15:.0f}">{clean(lines[0])}</text>'
        return
    for row, line in enumerate(lines, 1):
        yield f'<text x="16" y="{y + 15 + LINE * row:.0f}">{clean(line)}</text>'
