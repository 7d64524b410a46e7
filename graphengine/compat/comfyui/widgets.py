"""``widgets_values``: the literals of an editor's node by position, among values that are the editor's own.

After a seed stands its control word (``randomize``), after the required inputs of a node that loads a picture stands
the upload button (``image``). Files differ in which of them they hold, and in whether inputs that have lost their
widget still have a value; so the arrangement is chosen by number and by what the values look like.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from graphengine.compat.comfyui.shapes import Object, mapping, text
from graphengine.graph.spec import MISSING, NodeSpec
from graphengine.graph.types import WIDGETS

CONTROLS = ("fixed", "increment", "decrement", "randomize", "increment-wrap")
LEGACY_CONTROLS = {True: "randomize", False: "fixed"}
UPLOADS = ("image", "video", "audio", None)
UPLOAD_SOURCES = frozenset({"input"})
SEEDS = ("seed", "noise_seed")
EDITORS_OWN = frozenset({"upload", "choose file to upload", "control_before_generate", "control_filter_list"})
CONTROL_NAME = "control_after_generate"

_PLAUSIBLE: Mapping[str, tuple[type, ...]] = {
    "INT": (int, float),
    "FLOAT": (int, float),
    "STRING": (str,),
    "BOOLEAN": (bool,),
}


@dataclass(frozen=True)
class Widget:
    """An input that has a widget, or had one when the file was saved.

    Attributes:
        seed: A control word follows it, as it may also follow a choice.
        upload: It names a picture to load.
        optional: It comes after the upload button.
        lost: It takes links only today.
    """

    name: str
    type: str
    seed: bool = False
    upload: bool = False
    optional: bool = False
    lost: bool = False
    default: Any = None


@dataclass(frozen=True)
class Place:
    """One position of ``widgets_values``: the value of an input, or one of the editor's own (``role``).

    ``label`` is the editor's name of it, where the file tells.
    """

    name: str
    role: str = ""
    type: str = ""
    default: Any = None
    label: str = ""

    def holds(self, value: Any) -> bool:
        """Whether the value looks like one for this place."""
        if self.role == "control":
            return is_control(value)
        if self.role == "upload":
            return value in UPLOADS
        expected = _PLAUSIBLE.get(self.type)
        if value is None or expected is None:
            return True
        return isinstance(value, expected) and (bool in expected or not isinstance(value, bool))


def is_control(value: Any) -> bool:
    return value is None or isinstance(value, bool) or (isinstance(value, str) and value in CONTROLS)


def control_word(value: Any) -> str:
    """A control word, also of old files' yes and no; empty for anything else."""
    if isinstance(value, bool):
        return LEGACY_CONTROLS[value]
    return value if isinstance(value, str) and value in CONTROLS else ""


def of_spec(spec: NodeSpec) -> list[Widget]:
    """The widgets of a kind in the order of its declaration."""
    return [
        Widget(
            port.name,
            port.type,
            seed=port.seed or (port.type == "INT" and port.name in SEEDS),
            upload=port.file and port.source in UPLOAD_SOURCES,
            optional=port.optional,
            lost=port.link_only,
            default=None if port.default is MISSING else port.default,
        )
        for port in spec.inputs
        if port.type in WIDGETS and not port.variadic
    ]


def of_slots(slots: Sequence[Object]) -> list[Widget]:
    """The widgets of a kind without a spec, as far as the slots of a node show them."""
    return [
        Widget(text(slot.get("name")), text(slot.get("type")), seed=slot.get("name") in SEEDS)
        for slot in slots
        if mapping(slot.get("widget")) and text(slot.get("name"))
    ]


def places(widgets: Sequence[Widget], control: bool = True, upload: bool = True, lost: bool = False) -> list[Place]:
    """The positions of ``widgets_values`` in one arrangement."""
    return list(_places([widget for widget in widgets if lost or not widget.lost], control, upload))


def _places(widgets: Sequence[Widget], control: bool, upload: bool) -> Iterator[Place]:
    button = upload and any(widget.upload for widget in widgets)
    for widget in widgets:
        if button and widget.optional:
            button = False
            yield Place("", "upload", default="image")
        yield Place(widget.name, "", widget.type, widget.default)
        if control and widget.seed:
            yield Place(widget.name, "control", default="randomize")
    if button:
        yield Place("", "upload", default="image")


def arrange(widgets: Sequence[Widget], values: Sequence[Any]) -> list[Place] | None:
    """The places that the values take: the first arrangement of their number in which each looks right.

    A file that is older than the last inputs of its kind has fewer values; a control word tells that it is that.
    """
    arrangements = [
        places(widgets, control, upload, lost)
        for lost, control, upload in product((False, True), (True, False), (True, False))
    ]
    fitting = (one for one in arrangements if len(one) >= len(values) and all(map(Place.holds, one, values)))
    found = [one[: len(values)] for one in fitting if len(one) == len(values) or _controlled(one, values)]
    return max(found, key=lambda one: _controlled(one, values), default=None)


def _controlled(arrangement: Sequence[Place], values: Sequence[Any]) -> bool:
    """Whether a place for a control word has one."""
    pairs = zip(arrangement, values, strict=False)
    return any(place.role == "control" and isinstance(value, str) for place, value in pairs)


def arrange_anyhow(widgets: Sequence[Widget], values: Sequence[Any]) -> list[Place]:
    """The places of values whose number fits no arrangement: in order, passing over what the editor added."""
    found: list[Place] = []
    for place in places(widgets):
        if len(found) == len(values):
            break
        if not place.role or place.holds(values[len(found)]):
            found.append(place)
    return found + [Place("", "unknown")] * (len(values) - len(found))


def by_name(values: Mapping[str, Any]) -> list[Place]:
    """The places of values that came with names."""
    found: list[Place] = []
    for name in values:
        if name == CONTROL_NAME and found:
            found.append(Place(found[-1].name, "control", label=name))
        else:
            found.append(Place(name, "upload" if name in EDITORS_OWN else "", label=name))
    return found
