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
LINES = (12, 4, 1)  # how many a value may take: the most that fit the node's place, 4 where it has none
MAX_VALUES = 40
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


@dataclass(frozen=True)
class Value:
    """A literal as it is shown: beside its name, or in lines below it."""

    name: str
    lines: list[str]
    beside: bool

    @property
    def height(self) -> float:
        return ROW if self.beside else LINE * (len(self.lines) + 1) + GAP


@dataclass
class Box:
    """A node as it is drawn, in pixels.

    Attributes:
        inputs, outputs: Name -> type of the ports that are shown.
        values: The literals that are shown.
        x, y: Upper left corner.
    """

    node: Node
    title: str
    inputs: dict[str, str]
    outputs: dict[str, str]
    values: list[Value] = field(default_factory=list)
    x: float = 0
    y: float = 0
    width: float = WIDTH
    height: float = 0

    def fill(self, width: float, height: float = 0) -> None:
        """Set the size, and shorten the values until they fit it; without a height it is as high as it needs."""
        self.width = width
        literals = list(self.node.literals.items())[:MAX_VALUES]
        for lines in LINES if height else LINES[1:2]:
            self.values = [_value(name, value, width, lines) for name, value in literals]
            if self._needed <= height:
                break
        self.height = max(height, self._needed)

    @property
    def ports_height(self) -> float:
        return ROW * max(len(self.inputs), len(self.outputs))

    @property
    def _needed(self) -> float:
        return HEADER + self.ports_height + sum(value.height + 4 for value in self.values) + 2 * GAP

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


def _value(name: str, value: Any, width: float, max_lines: int) -> Value:
    if isinstance(value, float):
        text = f"{value:.6g}"
    else:
        text = value if isinstance(value, str) else json.dumps(value, default=str)
    columns = max(int((width - 32) / CHARACTER), 12)
    beside = max(columns - len(name) - 2, 4)
    if max_lines == 1 or ("\n" not in text and len(text) <= beside):
        return Value(name, [_shortened(" ".join(text[:200].split()), beside)], True)
    lines = textwrap.wrap(text[:4000], columns, max_lines=max_lines, placeholder=" …")
    return Value(name, lines or [""], False)


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def clean(text: str, limit: int = 0) -> str:
    """Text for XML, shortened to the limit."""
    shown = _shortened(text, limit) if limit else text
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
    for value in box.values:
        yield from _draw_value(value, y, box.width)
        y += value.height + 4
    yield "</g>"


def _port(x: float, y: float, type: str, label: str, style: str, at: float, paint: Paint) -> Iterator[str]:
    yield f'<circle cx="{x:.0f}" cy="{y:.0f}" r="4.5" fill="{paint.of(type)}"/>'
    yield f'<text class="{style}" x="{at:.0f}" y="{y + 4:.0f}">{label}</text>'


def _draw_value(value: Value, y: float, width: float) -> Iterator[str]:
    yield f'<rect class="field" x="8" y="{y:.0f}" width="{width - 16:.0f}" height="{value.height:.0f}" rx="5"/>'
    yield f'<text class="name" x="16" y="{y + 15:.0f}">{clean(value.name, int((width - 60) / CHARACTER))}</text>'
    if value.beside:
        yield f'<text class="value" x="{width - 16:.0f}" y="{y + 15:.0f}">{clean(value.lines[0])}</text>'
        return
    for row, line in enumerate(value.lines, 1):
        yield f'<text x="16" y="{y + 15 + LINE * row:.0f}">{clean(line)}</text>'
