"""From tensors in a file to a ``Part``: our names, our shapes, checked against the network that they are for."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from graphengine.diffusion.autoencoders.kl import AutoencoderKL, KLConfig
from graphengine.diffusion.denoisers.controlnet import ControlNet, ControlNetConfig
from graphengine.diffusion.denoisers.unet import UNet
from graphengine.diffusion.denoisers.unet_config import UNetConfig
from graphengine.diffusion.families.family import Family
from graphengine.diffusion.text.clip import CLIPText, CLIPTextConfig
from graphengine.diffusion.types import Part, StoredTensor
from graphengine.diffusion.weights.errors import WeightsError
from graphengine.diffusion.weights.identify import Found
from graphengine.diffusion.weights.read import WeightsFile
from graphengine.diffusion.weights.skeleton import skeleton

Shapes = Mapping[str, tuple[int, ...]]
Facts = Mapping[str, str]


@dataclass(frozen=True)
class Architecture:
    """How a role's network is built from what a file shows.

    Attributes:
        noun: For people.
        configure: Shapes, facts from metadata, family -> the network's configuration.
        network: Configuration -> module.
        without: Names that files may have under the network's prefix and that carry nothing.
    """

    noun: str
    configure: Callable[[Shapes, Facts, Family], Any]
    network: Callable[[Any], nn.Module]
    without: tuple[str, ...] = ()


ARCHITECTURES: Mapping[str, Architecture] = {
    "denoiser": Architecture(
        "UNet",
        lambda shapes, facts, family: UNetConfig.from_shapes(
            shapes, facts, heads=family.heads.count, head_width=family.heads.width
        ),
        UNet,
    ),
    "controlnet": Architecture(
        "ControlNet",
        lambda shapes, facts, family: ControlNetConfig.from_shapes(
            shapes, facts, heads=family.heads.count, head_width=family.heads.width
        ),
        ControlNet,
    ),
    "autoencoder": Architecture(
        "autoencoder",
        lambda shapes, facts, _family: KLConfig.from_shapes(shapes, facts),
        AutoencoderKL,
        without=("loss.", "model_ema."),
    ),
    "text_encoder": Architecture(
        "text encoder",
        lambda shapes, facts, _family: CLIPTextConfig.from_shapes(shapes, facts),
        CLIPText,
        without=(
            "text_model.embeddings.position_ids",
            "embeddings.position_ids",
            "logit_scale",
            "vision_model.",
            "visual_projection.",
        ),
    ),
}


@dataclass(frozen=True, eq=False, slots=True)
class Reshaped:
    """A stored tensor that another layout keeps without its trailing sizes of 1, or with them."""

    stored: StoredTensor
    shape: tuple[int, ...]

    @property
    def dtype(self) -> str:
        return self.stored.dtype

    def read(self) -> Tensor:
        return self.stored.read().view(self.shape)

    def release(self) -> None:
        getattr(self.stored, "release", lambda: None)()


def make_part(
    file: WeightsFile, found: Found, family: Family, tensors: Mapping[str, StoredTensor] | None = None
) -> Part:
    """The part that was found in a file.

    Args:
        file: Where it lies.
        found: What it is.
        family: Whose rules (heads) hold, and the part's family.
        tensors: By bare name, where they are not those under the prefix (averaged weights).

    Raises:
        WeightsError: Tensors are missing, unexpected or of the wrong shape.
    """
    architecture = ARCHITECTURES[found.role]
    bare = _bare(file.tensors, found.prefix) if tensors is None else tensors
    kept = {name: tensor for name, tensor in bare.items() if not name.startswith(architecture.without)}
    renamed = found.signature.key_map.to_native(kept)
    weights = {renamed[name]: _native_shape(renamed[name], tensor) for name, tensor in kept.items()}
    shapes = {name: tensor.shape for name, tensor in weights.items()}
    name = f"{architecture.noun} of {file.path.name}"
    config = _configure(architecture, shapes, facts_for(found.role, file.metadata), family, file.path)
    build = partial(architecture.network, config)
    _check_complete(file.path, name, build, shapes)
    return Part(name, family.name, build, weights, f"{file.identity}#{found.role}@{found.prefix}", role=found.role)


def facts_for(role: str, metadata: Mapping[str, str]) -> dict[str, str]:
    """Metadata as one network sees it: ``denoiser.heads`` is the denoiser's ``heads``, and goes before a plain one."""
    own = {key.removeprefix(f"{role}."): value for key, value in metadata.items() if key.startswith(f"{role}.")}
    return {**metadata, **own}


def _bare(tensors: Mapping[str, StoredTensor], prefix: str) -> dict[str, StoredTensor]:
    return {name[len(prefix) :]: tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _native_shape(name: str, tensor: StoredTensor) -> StoredTensor:
    """The autoencoder's attention is of 1 x 1 convolutions; other layouts store the same numbers as linear layers."""
    if ".attn_1." in name and name.endswith(".weight") and len(tensor.shape) == 2:
        return Reshaped(tensor, (*tensor.shape, 1, 1))
    return tensor


def _configure(architecture: Architecture, shapes: Shapes, facts: Facts, family: Family, path: os.PathLike[str]) -> Any:
    try:
        return architecture.configure(shapes, facts, family)
    except KeyError as error:
        raise WeightsError(
            f"{path} is not a complete {architecture.noun}: it has no {error.args[0]!r}. Download or export it again."
        ) from error
    except ValueError as error:
        raise WeightsError(f"{path}: its {architecture.noun} cannot be built: {error}") from error


def _check_complete(path: Path, name: str, build: Callable[[], nn.Module], shapes: Shapes) -> None:
    expected = {key: tuple(value.shape) for key, value in skeleton(build).state_dict().items()}
    wrong = [f"{key} is {shapes[key]}, not {size}" for key, size in expected.items() if shapes.get(key, size) != size]
    problems = [
        *_named("missing", sorted(expected.keys() - shapes.keys())),
        *_named("unexpected", sorted(shapes.keys() - expected.keys())),
        *_named("of another shape", wrong),
    ]
    if problems:
        raise WeightsError(
            f"{path}: the {name} does not fit its network: {'; '.join(problems)}. "
            "Download or export it again; if it was made for another model, load it as that."
        )


def _named(problem: str, names: list[str], at_most: int = 3) -> list[str]:
    """``4 missing (a, b, c, ...)``, or nothing."""
    shown = ", ".join(names[:at_most]) + (", ..." if len(names) > at_most else "")
    return [f"{len(names)} {problem} ({shown})"] if names else []
