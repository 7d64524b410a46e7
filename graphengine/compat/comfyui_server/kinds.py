"""Node kinds as ``/object_info`` tells them, encoded once for each state of the lists of files."""

import hashlib
from collections.abc import Mapping
from typing import Any

from graphengine.compat.comfyui.object_info import node_info
from graphengine.engine import Engine
from graphengine.graph.errors import CallError
from graphengine.server.encoding import to_json

Choices = Mapping[str, tuple[str, ...]]

# kinds that ComfyUI's page takes to be everywhere: without one of them it cannot set up any model loader.
# kind -> the input that names a model, its outputs
TAKEN_FOR_GRANTED: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "CheckpointLoaderSimple": ("ckpt_name", ("MODEL", "CLIP", "VAE")),
    "ImageOnlyCheckpointLoader": ("ckpt_name", ("MODEL", "CLIP_VISION", "VAE")),
    "LoraLoader": ("lora_name", ("MODEL", "CLIP")),
    "LoraLoaderModelOnly": ("lora_name", ("MODEL",)),
    "VAELoader": ("vae_name", ("VAE",)),
    "ControlNetLoader": ("control_net_name", ("CONTROL_NET",)),
    "UNETLoader": ("unet_name", ("MODEL",)),
    "UpscaleModelLoader": ("model_name", ("UPSCALE_MODEL",)),
    "StyleModelLoader": ("style_model_name", ("STYLE_MODEL",)),
    "GLIGENLoader": ("gligen_name", ("GLIGEN",)),
}


class Kinds:
    """The kinds of an engine; to be asked in one thread at a time.

    Args:
        engine: Whose kinds and files they are.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._choices: Choices | None = None
        self._encoded: dict[bool, tuple[bytes, str]] = {}

    def all(self, page: bool) -> tuple[bytes, str]:
        """All kinds as JSON, with an ETag; the folders are looked through, the rest is done when something changed.

        Args:
            page: It is for ComfyUI's page, which breaks without some kinds: those are shown as deprecated.
        """
        choices = self._list(self._sources())
        if choices != self._choices:
            specs = self._engine.registry.specs
            ours = {kind: node_info(spec, choices.__getitem__) for kind, spec in specs.items()}
            missing = {kind: _missing(kind) for kind in TAKEN_FOR_GRANTED if kind not in ours}
            self._encoded = {False: _tagged(ours), True: _tagged(ours | missing)}
            self._choices = choices
        return self._encoded[page]

    def one(self, kind: str) -> bytes:
        """One kind as JSON; an empty object when there is none of that name."""
        spec = self._engine.registry.specs.get(kind)
        if spec is None:
            return b"{}"
        choices = self._list({port.source for port in spec.inputs if port.source})
        return to_json({kind: node_info(spec, choices.__getitem__)})

    def _sources(self) -> set[str]:
        return {port.source for spec in self._engine.registry.specs.values() for port in spec.inputs if port.source}

    def _list(self, sources: set[str]) -> Choices:
        return {source: self._names(source) for source in sources}

    def _names(self, source: str) -> tuple[str, ...]:
        try:
            return tuple(self._engine.files.names(source))
        except CallError:  # a pack names a source that is not here
            return ()


def _tagged(kinds: Mapping[str, Any]) -> tuple[bytes, str]:
    data = to_json(kinds)
    return data, f'"{hashlib.sha256(data).hexdigest()[:32]}"'


def _missing(kind: str) -> dict[str, Any]:
    """A kind that is not here; a graph with it is refused."""
    input, outputs = TAKEN_FOR_GRANTED[kind]
    return {
        "input": {"required": {input: [[], {}]}},
        "input_order": {"required": [input]},
        "output": outputs,
        "output_is_list": [False] * len(outputs),
        "output_name": outputs,
        "name": kind,
        "display_name": f"{kind} (not here)",
        "description": "This server has no such node.",
        "python_module": "nodes",
        "category": "not here",
        "output_node": False,
        "deprecated": True,
    }
