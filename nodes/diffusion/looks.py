"""What people are shown of the values of diffusion: sizes, ranges, small pictures, what a model is.

B batch, C channels; H x W pixels, h x w latent cells. Large values are looked at in part: it may take a moment only.
"""

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from graphengine.api import Look
from graphengine.diffusion.sampling.preview import preview
from graphengine.diffusion.types import (
    Autoencoder,
    Condition,
    ControlNet,
    Guider,
    Latents,
    Model,
    Noise,
    Part,
    TextEncoder,
)
from graphengine.ports import Conditioning

SAMPLE = 2**20  # numbers that are looked at
SIDE = 1024  # of a picture's longest side, before it is made smaller with care
BARS = 32


def image(images: Tensor) -> Look:
    """Pictures, B x H x W x 3."""
    facts = {"pictures": len(images), "size": f"{images.shape[2]} × {images.shape[1]}"}
    return tensor(images, facts, images[0] if len(images) else None)


def mask(masks: Tensor) -> Look:
    """Masks, B x H x W."""
    facts = {"masks": len(masks), "size": f"{masks.shape[2]} × {masks.shape[1]}"}
    facts["covered"] = f"{float(_some(masks).mean()):.1%}" if masks.numel() else "0%"
    return tensor(masks, facts, masks[0] if len(masks) else None)


def latents(value: Latents) -> Look:
    """Latents, B x C x h x w, with a rough picture where the channels are known."""
    facts: dict[str, Any] = {"pictures": len(value.samples)}
    if value.mask is not None:
        facts["mask"] = _shape(value.mask)
    # most autoencoders of four channels have a scale close to this one; colours are all that hang on it
    rough = preview(value.samples * 0.18215) if value.samples.ndim == 4 and value.samples.numel() else None
    return tensor(value.samples, facts, rough)


def tensor(value: Tensor, facts: dict[str, Any] | None = None, picture: Tensor | None = None) -> Look:
    """Any tensor: shape, range, mean, deviation, a histogram."""
    some = _some(value)
    finite = some[some.isfinite()]
    found: dict[str, Any] = {**(facts or {}), "shape": _shape(value), "dtype": str(value.dtype).removeprefix("torch.")}
    found["device"] = str(value.device)
    if len(finite) < len(some):
        found["not finite"] = f"{1 - len(finite) / len(some):.1%}"
    if not len(finite):
        return Look(found, picture=_bytes(picture))
    low, high = float(finite.min()), float(finite.max())
    found |= {"range": f"{low:.4g} … {high:.4g}", "mean": round(float(finite.mean()), 5)}
    found["deviation"] = round(float(finite.std(correction=0)), 5)
    if len(some) < value.numel():
        found["looked at"] = f"{len(some) / value.numel():.2%}"
    bars = torch.histc(finite, BARS, low, high).tolist() if low < high else []
    return Look(found, bars=bars, picture=_bytes(picture))


def sigmas(value: Tensor) -> Look:
    """Noise levels, descending."""
    text = ", ".join(f"{sigma:.4g}" for sigma in value.flatten()[:200].tolist())
    return Look({"steps": max(len(value) - 1, 0)}, text)


def model(value: Model) -> Look:
    """A denoiser."""
    facts = {"prediction": value.prediction.value, "latent channels": value.latent_format.channels}
    changes = {"attention hooks": len(value.hooks), "wrappers": len(value.wrappers), "guiders": len(value.guiders)}
    return _of_part(value.part, facts | {name: count for name, count in changes.items() if count})


def text_encoder(value: TextEncoder) -> Look:
    """A text encoder."""
    return _of_part(value.part, {"clip skip": value.skip, "embeddings": len(value.embeddings)})


def autoencoder(value: Autoencoder) -> Look:
    """An autoencoder."""
    return _of_part(value.part, {"latent channels": value.latent_format.channels, "scale": value.latent_format.scale})


def control_net(value: ControlNet) -> Look:
    """A control network."""
    return _of_part(value.part, {})


def conditioning(value: Conditioning) -> Look:
    """Encoded texts: the first one with its tokens and numbers, the others in a line each and their tokens."""
    if not value:
        return Look({"texts": 0})
    lines = [*_token_lines(value[0])]
    for number, one in enumerate(value[1:], 2):
        lines += [f"{number}: {_condition_line(one)}", *_token_lines(one)]
    look = tensor(value[0].context, {"texts": len(value), **_condition_facts(value[0])})
    return Look(look.facts, "\n".join(lines), look.bars)


def guider(value: Guider) -> Look:
    """A model with what steers it."""
    texts = len(value.positive) + len(value.negative or ())
    return _of_part(value.model.part, {"texts": texts, "guidance": value.scale})


def noise(value: Noise) -> Look:
    """The start noise of a seed."""
    return Look({"seed": "none" if value.seed is None else value.seed})


def _condition_facts(value: Condition) -> dict[str, Any]:
    facts: dict[str, Any] = {"tokens": value.context.shape[1], "strength": value.strength}
    if value.pooled is not None:
        facts["whole text"] = _shape(value.pooled)
    if value.area is not None:
        area, unit = value.area, "" if value.area.fraction else " cells"
        facts["area"] = f"{area.width:g} × {area.height:g} at {area.left:g}, {area.top:g}{unit}"
    if value.mask is not None:
        facts["mask"] = f"{_shape(value.mask)}, {value.mask_strength:g}"
    if (value.start, value.end) != (0.0, 1.0):
        facts["holds"] = f"{value.start:.0%} … {value.end:.0%}"
    if value.controls:
        facts["controls"] = [f"{control.model.part.name}, {control.strength:g}" for control in value.controls]
    return facts


def _token_lines(value: Condition) -> Iterator[str]:
    """A line for each chunk: its tokens, those of one word joined by dots, with their weights as a prompt has them."""
    for chunk in value.tokens:
        words = (_weighted(token.rstrip(), weight) + (" " if token.endswith(" ") else "·") for token, weight in chunk)
        yield "".join(words).rstrip(" ·")


def _weighted(token: str, weight: float) -> str:
    return token if weight == 1 else f"({token}:{weight:.4g})"


def _condition_line(value: Condition) -> str:
    facts = _condition_facts(value)
    return ", ".join(f"{name} {fact}" for name, fact in facts.items())


def _of_part(part: Part, facts: dict[str, Any]) -> Look:
    found: dict[str, Any] = {"name": part.name, "family": part.family}
    found["parameters"] = f"{sum(math.prod(stored.shape) for stored in part.weights.values()):,}"
    found["stored as"] = sorted({stored.dtype for stored in part.weights.values()})
    found["patches"] = len(part.patches)
    if part.patches:
        found["patched weights"] = len(frozenset().union(*(patch.names() for patch in part.patches)))
    return Look(found | facts)


def _shape(value: Tensor) -> str:
    return " × ".join(map(str, value.shape)) or "one number"


def _some(value: Tensor) -> Tensor:
    """At most ``SAMPLE`` numbers of a tensor, from all over it; a copy of so many and no more."""
    while value.numel() > SAMPLE:
        widest = max(range(value.ndim), key=lambda axis: value.shape[axis])
        value = value[(slice(None),) * widest + (slice(None, None, 2),)]
    return value.detach().reshape(-1).float().cpu()


def _bytes(picture: Tensor | None) -> Any:
    """A picture in 0..1, H x W or H x W x C, as bytes that a file of it can be made from."""
    if picture is None or 0 in picture.shape:
        return None
    every = max(1, max(picture.shape[:2]) // SIDE)
    small = picture.detach()[::every, ::every]
    if small.ndim == 3:
        small = small[..., :3] if small.shape[2] >= 3 else small[..., :1].expand(-1, -1, 3)
    if small.dtype != torch.uint8:
        small = small.float().nan_to_num(0).clamp(0, 1).mul(255).round().to(torch.uint8)
    return small.cpu().numpy()
