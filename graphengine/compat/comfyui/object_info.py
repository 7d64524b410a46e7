"""Node kinds as ComfyUI's clients ask for them (``/object_info``)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from graphengine.compat.comfyui.widgets import SEEDS, UPLOAD_SOURCES
from graphengine.graph.spec import MISSING, InputSpec, NodeSpec
from graphengine.graph.types import ANY, CHOICE, WIDGETS, is_generic

Choose = Callable[[str], Iterable[str]]
"""The names that a source offers now."""

VARIADIC = 4  # of any number of inputs, as many are shown

# scripts name no inputs but go by their order, in which these kinds have links among the values; ours come first
ORDERS: Mapping[str, tuple[str, ...]] = {
    "CLIPTextEncode": ("text", "clip"),
    "KSampler": (
        "model", "seed", "steps", "cfg", "sampler_name", "scheduler", "positive", "negative", "latent_image", "denoise",
    ),
    "KSamplerAdvanced": (
        "model", "add_noise", "noise_seed", "steps", "cfg", "sampler_name", "scheduler", "positive", "negative",
        "latent_image", "start_at_step", "end_at_step", "return_with_leftover_noise",
    ),
    "SamplerCustom": (
        "model", "add_noise", "noise_seed", "cfg", "positive", "negative", "sampler", "sigmas", "latent_image",
    ),
}  # fmt: skip


def node_info(spec: NodeSpec, choose: Choose) -> dict[str, Any]:
    """One kind, with the choices that this machine offers now."""
    sections: dict[str, dict[str, Any]] = {"required": {}, "optional": {}}
    for port in _ordered(spec):
        section = sections["optional" if port.optional or port.variadic else "required"]
        for name in [f"{port.name}{i + 1}" for i in range(VARIADIC)] if port.variadic else [port.name]:
            section[name] = input_info(port, choose)
    used = {name: section for name, section in sections.items() if section or name == "required"}
    types = [port_type(port.type) for port in spec.outputs]
    flags = {"deprecated": spec.deprecated, "experimental": spec.experimental}
    return {
        "input": used,
        "input_order": {name: list(section) for name, section in used.items()},
        "output": types,
        "output_is_list": [port.many for port in spec.outputs],
        "output_name": [
            type if port.name == type.lower() else port.name for port, type in zip(spec.outputs, types, strict=True)
        ],
        "output_tooltips": [port.help for port in spec.outputs],
        "name": spec.kind,
        "display_name": spec.title or spec.kind,
        "description": spec.help,
        "python_module": "nodes" if "/" not in spec.kind else f"custom_nodes.{spec.pack}",
        "category": spec.category,
        "output_node": spec.output,
        **{name: True for name, value in flags.items() if value},
    }


def _ordered(spec: NodeSpec) -> Iterable[InputSpec]:
    order = ORDERS.get(spec.kind)
    return spec.inputs if order is None else sorted(spec.inputs, key=lambda port: order.index(port.name))


def input_info(port: InputSpec, choose: Choose) -> list[Any]:
    """One input: its type, or the list of its choices, and its options."""
    choices = list(choose(port.source)) if port.source else port.choices
    options = dict(_options(port))
    if port.type == CHOICE and choices is not None:
        return [list(choices), options]
    return [port_type(port.type), options] if options else [port_type(port.type)]


def port_type(type: str) -> str:
    """A port type by ComfyUI's name."""
    return ANY if is_generic(type) else type


def _options(port: InputSpec) -> Iterable[tuple[str, Any]]:
    given: Mapping[str, Any] = {
        "default": None if port.default is MISSING else port.default,
        "min": port.low,
        "max": port.high,
        "step": port.step,
        "tooltip": port.help or None,
        "multiline": port.multiline or None,
        "dynamicPrompts": port.multiline or None,
        "forceInput": (port.link_only and port.type in WIDGETS) or None,
        "lazy": port.lazy or None,
        "control_after_generate": port.seed or port.name in SEEDS or None,
        "image_upload": (port.file and port.source in UPLOAD_SOURCES) or None,
    }
    return ((name, value) for name, value in given.items() if value is not None)
