"""LoRA files as patches of weights: Hu et al. 2021 (arXiv:2106.09685), for convolutions as in LoCon.

For a layer with weight W, the file has ``down`` (rank x inputs), ``up`` (outputs x rank), perhaps ``mid`` (a Tucker
core, rank x rank x kernel) and perhaps ``alpha``. The patched weight is W + strength * scale * up @ down, where scale
is alpha / rank, or 1 without alpha.

Files name layers in many ways, some of which cannot be taken apart again (``to_out_0``). So nothing is parsed: every
layer of the live model is spelled in every way, and the file's names are looked up among those.
"""

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from graphengine.diffusion.types import Model, Part, StoredTensor, TextEncoder
from graphengine.diffusion.weights.errors import WeightsError
from graphengine.diffusion.weights.keymap import CLIP_FLAT, UNET_DIFFUSERS, KeyMap
from graphengine.diffusion.weights.read import open_weights

ENDINGS: Mapping[str, str] = {
    ".lora_down.weight": "down",
    ".lora_up.weight": "up",
    ".lora_mid.weight": "mid",
    ".alpha": "alpha",
    ".lora_A.weight": "down",
    ".lora_B.weight": "up",
    ".lora_A.default.weight": "down",
    ".lora_B.default.weight": "up",
    ".lora.down.weight": "down",
    ".lora.up.weight": "up",
    ".lora_linear_layer.down.weight": "down",
    ".lora_linear_layer.up.weight": "up",
    "_lora.down.weight": "down",
    "_lora.up.weight": "up",
}

NOT_APPLIED: Mapping[str, str] = {
    ".dora_scale": "DoRA",
    ".lora_magnitude_vector": "DoRA",
    ".lora_magnitude_vector.weight": "DoRA",
    ".hada_w1_a": "LoHa",
    ".lokr_w1": "LoKr",
    ".lokr_w1_a": "LoKr",
    ".diff": "whole differences",
    ".w_norm": "norms",
    ".a1.weight": "GLoRA",
    ".oft_blocks": "OFT",
    ".oft_diag": "OFT",
    ".on_input": "IA3",
}


@dataclass(frozen=True, eq=False)
class LoraLayer:
    """What a file has for one layer, not read yet.

    Attributes:
        name: As the file spells it.
        tensors: ``down`` and ``up``, perhaps ``mid`` and ``alpha``.
        alpha: From the file's metadata; a stored ``alpha`` goes before it.
        rank_stabilised: Divide by the root of the rank (Kalajdzievski 2023, arXiv:2312.03732).
    """

    name: str
    tensors: Mapping[str, StoredTensor]
    alpha: float | None = None
    rank_stabilised: bool = False

    @property
    def scale(self) -> float:
        rank = self.tensors["down"].shape[0]
        alpha = float(self.tensors["alpha"].read()) if "alpha" in self.tensors else self.alpha
        if alpha is None:
            return 1.0
        return alpha / (rank**0.5 if self.rank_stabilised else rank)

    def change(self, weight: Tensor) -> Tensor:
        """What it adds to a weight at strength 1: float32, of the weight's shape and device."""
        down, up = (self.tensors[slot].read().to(weight.device, torch.float32) for slot in ("down", "up"))
        if "mid" in self.tensors:
            mid = self.tensors["mid"].read().to(weight.device, torch.float32)
            product = torch.einsum("or,rs...,si->oi...", up.flatten(1), mid, down.flatten(1))
        else:
            product = up.flatten(1) @ down.flatten(1)
        return self.scale * product.reshape(weight.shape)


@dataclass(frozen=True, eq=False)
class LoraPatch:
    """A ``WeightPatch``: the layers of one file that a network has, at one strength.

    Attributes:
        source: Names the file in errors.
        layers: By the network's own parameter name.
        strength: Multiplies every change.
    """

    source: str
    layers: Mapping[str, LoraLayer]
    strength: float

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self.layers)

    def names(self) -> frozenset[str]:
        return self._names

    def apply(self, name: str, weight: Tensor) -> Tensor:
        layer = self.layers[name]
        try:
            return weight + self.strength * layer.change(weight)
        except RuntimeError as error:
            sizes = ", ".join(f"{slot} {tensor.shape}" for slot, tensor in layer.tensors.items())
            raise WeightsError(
                f"{self.source}: {layer.name} ({sizes}) does not fit {name} {tuple(weight.shape)}. "
                "The LoRA was made for another model."
            ) from error


@dataclass(frozen=True, eq=False)
class Lora:
    """A LoRA file, not read yet.

    Attributes:
        path: Of the file.
        layers: By the name that the file gives them.
        foreign: Tensors of kinds that are not understood.
    """

    path: Path
    layers: Mapping[str, LoraLayer]
    foreign: tuple[str, ...] = ()

    def patch(self, part: Part, strength: float) -> LoraPatch | None:
        """The patch of one network, or None where the file has nothing for it."""
        table = spellings(part)
        layers = {table[name]: layer for name, layer in self.layers.items() if name in table}
        return LoraPatch(self.path.name, layers, strength) if layers else None

    def unused(self, *parts: Part) -> tuple[str, ...]:
        """Names in the file that change nothing in these networks."""
        known = {name for part in parts for name in spellings(part)}
        return (*(name for name in self.layers if name not in known), *self.foreign)


def read_lora(path: str | os.PathLike[str]) -> Lora:
    """Open a LoRA file in the names of kohya, PEFT or diffusers; values are read when it is applied.

    Raises:
        WeightsError: The file cannot be read, is no LoRA, or has layers of other kinds beside: with a part of it the
            picture would be another one.
    """
    file = open_weights(path)
    _refuse_others(file.path, file.tensors)
    grouped: dict[str, dict[str, StoredTensor]] = {}
    foreign = []
    for name, tensor in file.tensors.items():
        ending = max((ending for ending in ENDINGS if name.endswith(ending)), key=len, default=None)
        if ending is None:
            foreign.append(name)
        else:
            grouped.setdefault(name.removesuffix(ending), {})[ENDINGS[ending]] = tensor
    complete = {name: tensors for name, tensors in grouped.items() if {"down", "up"} <= tensors.keys()}
    foreign += [f"{name} (only {', '.join(grouped[name])})" for name in grouped.keys() - complete.keys()]
    if not complete:
        raise WeightsError(
            f"{file.path} is not a LoRA of a kind that is known: no layer has both halves. "
            f"It holds {', '.join(foreign[:3])}, ..."
        )
    facts = _adapter_facts(file.path, file.metadata)
    layers = {name: LoraLayer(name, tensors, *_scaling(name, facts)) for name, tensors in complete.items()}
    return Lora(file.path, layers, tuple(foreign))


def _refuse_others(path: Path, names: Iterable[str]) -> None:
    found = Counter(kind for name in names for ending, kind in NOT_APPLIED.items() if name.endswith(ending))
    if found:
        told = ", ".join(f"{count} of {kind}" for kind, count in found.items())
        raise WeightsError(
            f"{path} has layers of kinds that are not applied ({told}), and without them the picture would be another "
            "one. Use a file of LoRA or LoCon layers alone."
        )


def with_lora(
    model: Model, clip: TextEncoder, lora: Lora, strength_model: float, strength_clip: float
) -> tuple[Model, TextEncoder]:
    """Both networks with a LoRA on top; a strength of 0 leaves that network as it was.

    Raises:
        WeightsError: The file has no layer that either network has.
    """
    unet, text = lora.patch(model.part, strength_model), lora.patch(clip.part, strength_clip)
    if unet is None and text is None:
        raise WeightsError(
            f"{lora.path} changes nothing in {model.part.name} or {clip.part.name}: none of its "
            f"{len(lora.layers)} layers ({next(iter(lora.layers))}, ...) is theirs. It was made for another family."
        )
    if unet is not None and strength_model != 0:
        model = replace(model, part=replace(model.part, patches=(*model.part.patches, unet)))
    if text is not None and strength_clip != 0:
        clip = replace(clip, part=replace(clip.part, patches=(*clip.part.patches, text)))
    return model, clip


@dataclass(frozen=True)
class Spelling:
    """How files spell the layers of one kind of network.

    Attributes:
        layout: The foreign layout beside our own.
        dotted: What stands before a module path.
        underscored: What stands before a module path whose dots have become underscores.
        short: Last modules of an attention layer and their old names in files of attention processors.
    """

    layout: KeyMap
    dotted: tuple[str, ...]
    underscored: tuple[str, ...]
    short: Mapping[str, str]


SPELLINGS: Mapping[str, Spelling] = {
    "denoiser": Spelling(
        UNET_DIFFUSERS,
        ("", "unet.", "diffusion_model.", "model.diffusion_model.", "base_model.model.", "base_model.model.unet."),
        ("lora_unet_", "lycoris_"),
        {"to_q": "to_q", "to_k": "to_k", "to_v": "to_v", "to_out.0": "to_out"},
    ),
    "text_encoder": Spelling(
        CLIP_FLAT,
        ("", "text_encoder.", "base_model.model.", "base_model.model.text_encoder.", "cond_stage_model.transformer."),
        ("lora_te_", "lora_te1_"),
        {"q_proj": "to_q", "k_proj": "to_k", "v_proj": "to_v", "out_proj": "to_out"},
    ),
}


def spellings(part: Part) -> dict[str, str]:
    """Every name that a file may give a layer of this network -> our name of its weight."""
    spelling = SPELLINGS.get(part.role)
    if spelling is None:
        return {}
    weights = [name for name in part.weights if name.endswith(".weight")]
    foreign = spelling.layout.from_native(weights)
    table: dict[str, str] = {}
    for weight in weights:
        for path in {weight, foreign[weight]}:
            module = path.removesuffix(".weight")
            table.update(dict.fromkeys(_spelled(module, spelling), weight))
    return table


def _spelled(module: str, spelling: Spelling) -> Iterator[str]:
    yield from (prefix + module for prefix in spelling.dotted)
    yield from (prefix + module.replace(".", "_") for prefix in spelling.underscored)
    for ours, theirs in spelling.short.items():
        if module.endswith(f".{ours}"):
            attention = module.removesuffix(f".{ours}")
            yield from (f"{prefix}{attention}.{theirs}" for prefix in spelling.dotted)
            yield from (f"{prefix}{attention}.processor.{theirs}" for prefix in spelling.dotted)


def _adapter_facts(path: Path, metadata: Mapping[str, str]) -> dict[str, Any]:
    """PEFT's configuration, which diffusers writes into the file's metadata."""
    if "lora_adapter_metadata" not in metadata:
        return {}
    try:
        facts = json.loads(metadata["lora_adapter_metadata"])
    except (ValueError, RecursionError) as error:
        raise WeightsError(f"{path}: its lora_adapter_metadata is not JSON ({error}). Export it again.") from error
    return facts if isinstance(facts, dict) else {}


def _scaling(name: str, facts: Mapping[str, Any]) -> tuple[float | None, bool]:
    """Alpha and whether the rank is stabilised, for a layer named ``component.module``."""
    component, _, module = name.partition(".")
    alpha = facts.get(f"{component}.lora_alpha")
    for pattern, value in (facts.get(f"{component}.alpha_pattern") or {}).items():
        if f".{module}".endswith(f".{pattern}"):
            alpha = value
    return (None if alpha is None else float(alpha)), bool(facts.get(f"{component}.use_rslora"))
