"""Make the live network of a part: built without memory, its weights put in one by one.

A weight that is stored in the type and layout asked for is a view of the mapped file and costs nothing; any other is
copied once and the file's pages are given back at once, so that a load never holds a network twice.
"""

from collections.abc import Collection
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from graphengine.diffusion.types import Part, WeightPatch
from graphengine.diffusion.weights.errors import WeightsError
from graphengine.diffusion.weights.skeleton import skeleton


@runtime_checkable
class Releasable(Protocol):
    """A stored tensor whose memory can be given back after reading."""

    def release(self) -> None: ...


def materialize(part: Part, dtype: torch.dtype, device: torch.device, *, copy: bool = False) -> nn.Module:
    """Build a part's network with its patched weights, in evaluation mode and without gradients.

    Args:
        part: What to build.
        dtype: Of its floating-point weights.
        device: Where they go.
        copy: Own every weight. Without it those stored in ``dtype`` share the file's memory and must not be written
            to; training needs True.
    """
    module = skeleton(part.build)
    put_weights(module, part, part.weights.keys(), dtype, device, copy=copy)
    empty = [name for name, value in (*module.named_parameters(), *module.named_buffers()) if value.is_meta]
    if empty:
        raise WeightsError(f"{part.name} leaves {', '.join(empty[:5])} without values. Its weights are incomplete.")
    return module.eval()


def put_weights(
    module: nn.Module,
    part: Part,
    names: Collection[str],
    dtype: torch.dtype,
    device: torch.device,
    *,
    copy: bool = False,
) -> None:
    """Replace the named weights of a live network by the part's: read from its file, patched, cast."""
    for name in names:
        owner, _, attribute = name.rpartition(".")
        value = read_weight(part, name, dtype, device, copy=copy)
        target = module.get_submodule(owner)
        if attribute in target._parameters:
            setattr(target, attribute, nn.Parameter(value, requires_grad=False))
        else:
            target._buffers[attribute] = value


def read_weight(part: Part, name: str, dtype: torch.dtype, device: torch.device, *, copy: bool = False) -> Tensor:
    """One weight of a part, patched in float32, then cast and laid out; integers keep their type."""
    stored = part.weights[name]
    value = stored.read()
    patches = patches_of(part, name)
    if patches:
        value = value.to(device, torch.float32)
        for patch in patches:
            value = patch.apply(name, value)
    target = dtype if value.is_floating_point() else value.dtype
    layout = memory_format(value.dim(), target)
    if not (patches or copy) and (value.device, value.dtype) == (device, target) and _lies_in(value, layout):
        return value
    result = value.to(device, target, copy=not patches, memory_format=layout)
    if isinstance(stored, Releasable):
        stored.release()
    return result


def memory_format(dimensions: int, dtype: torch.dtype) -> torch.memory_format:
    """The layout of a weight: kernels of convolutions in half precision lie channels last.

    Activations take the layout of the kernels they meet, so that this alone decides how a network computes. Half
    precision is faster that way on every device, and tokens are cells without a copy; float32 gains nothing.
    """
    return torch.channels_last if dimensions == 4 and dtype.itemsize == 2 else torch.contiguous_format


def _lies_in(value: Tensor, layout: torch.memory_format) -> bool:
    return value.is_contiguous(memory_format=layout)


def patches_of(part: Part, name: str) -> tuple[WeightPatch, ...]:
    """The patches that change one weight, in order."""
    return tuple(patch for patch in part.patches if name in patch.names())
