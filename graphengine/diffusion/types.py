"""The values that diffusion passes around: latents, conditioning, and models that are not loaded yet.

B batch, C channels, T tokens, D width of a token; H x W pixels, h x w latent cells.

Everything here is frozen: a change makes a new value (``dataclasses.replace``), so a value may be shared, cached and
compared by identity. Models are values too: a ``Part`` says how a network is built and where its weights lie; it
costs nothing until ``residency`` puts it on a device.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from torch import Tensor, nn


class Prediction(StrEnum):
    """What a network was trained to output."""

    EPS = "eps"
    V = "v"
    X0 = "x0"


@dataclass(frozen=True, eq=False)
class Latents:
    """Pictures in an autoencoder's latent space.

    Attributes:
        samples: B x C x h x w, in units of the autoencoder (not scaled by the family's factor).
        mask: B or 1 x H x W at any resolution, 1 where the image is to change; None is everywhere.
        batch_index: For each image, which draw of the seed's noise it takes; None is 0, 1, 2, ...
    """

    samples: Tensor
    mask: Tensor | None = None
    batch_index: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Area:
    """The rectangle of the picture a condition holds in.

    Attributes:
        height, width, top, left: In latent cells, or as fractions of the picture when ``fraction`` is true.
    """

    height: float
    width: float
    top: float
    left: float
    fraction: bool = False


@dataclass(frozen=True, eq=False)
class Residuals:
    """What a control network adds to a denoiser's features; an entry may be None (adds nothing).

    Attributes:
        skips: One per skip connection in the order the encoder makes them (12 for SD1), added before concatenation.
        middle: Added to the output of the middle block.
        inputs: Added to the output of the encoder block of the same index, as T2I-Adapters do; usually empty.
    """

    skips: Sequence[Tensor | None] = ()
    middle: Tensor | None = None
    inputs: Sequence[Tensor | None] = ()


class AttentionHook(Protocol):
    """Changes one attention layer from outside (IP-Adapter adds a term, a hypernetwork changes keys and values)."""

    def context(self, layer: str, context: Tensor) -> tuple[Tensor, Tensor]:
        """The tokens that keys and values are made from, B x T x D each; return ``(context, context)`` to keep them."""

    def output(self, layer: str, queries: Tensor, values: Tensor, attended: Tensor) -> Tensor:
        """The attended of ``values``, B x L x inner width, as ``queries`` are; return ``attended`` to keep them."""


class Network(Protocol):
    """A live denoiser: the raw prediction for latents already scaled the way the network was trained."""

    def __call__(
        self,
        x: Tensor,
        timestep: Tensor,
        context: Tensor,
        *,
        vector: Tensor | None = None,
        residuals: Residuals | None = None,
        hooks: Sequence[AttentionHook] = (),
    ) -> Tensor:
        """Predict from B x C x h x w latents, B (fractional) timesteps and B x T x D tokens."""


@dataclass(frozen=True, eq=False)
class Control:
    """A control network at work on one hint.

    Attributes:
        model: The control network, not loaded.
        hint: B or 1 x H x W x 3 in 0..1, at any size.
        strength: Multiplies every residual; 0 leaves the picture as it was, bit for bit.
        start, end: The part of the schedule it works in, 0 the noisiest, 1 the last step.
        positive_only: Leave the negative pass alone (guess mode). Otherwise sampling also applies a positive
            condition's controls to negative conditions that have none, as ComfyUI's first ``ControlNetApply`` means.
    """

    model: "ControlNet"
    hint: Tensor
    strength: float = 1.0
    start: float = 0.0
    end: float = 1.0
    positive_only: bool = False


Tokens = tuple[tuple[tuple[str, float], ...], ...]
"""For each chunk of a text its tokens, a space after those that end a word, with their weights."""


@dataclass(frozen=True, eq=False)
class Condition:
    """One encoded text with where, when and how strongly it holds.

    Attributes:
        context: B x T x D tokens for cross-attention.
        pooled: B x P vector of the whole text, for families that take one.
        strength: Weight where several conditions overlap.
        area: Rectangle it holds in; None is everywhere.
        mask: B or 1 x H x W in 0..1, times ``mask_strength``; None is everywhere.
        mask_bounds: Evaluate the network only in the mask's bounding box.
        start, end: The part of the schedule it holds in, 0 the noisiest, 1 the last step.
        controls: Control networks, applied together.
        concat: B or 1 x C' x h x w appended to the latents' channels (inpainting, depth, relighting).
        extra: What a family or an adapter added under its own name.
        tokens: What the text came to, for people; empty where ``context`` is no text's own.
    """

    context: Tensor
    pooled: Tensor | None = None
    strength: float = 1.0
    area: Area | None = None
    mask: Tensor | None = None
    mask_strength: float = 1.0
    mask_bounds: bool = False
    start: float = 0.0
    end: float = 1.0
    controls: tuple[Control, ...] = ()
    concat: Tensor | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    tokens: Tokens = ()


Conditioning = tuple[Condition, ...]


class StoredTensor(Protocol):
    """A tensor that still lies in its file."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def dtype(self) -> str:
        """As safetensors names it: F32, F16, BF16, I64, ..."""

    def read(self) -> Tensor:
        """The values in their stored type; a view of the mapped file where that is possible."""


class WeightPatch(Protocol):
    """A change of weights from outside (LoRA and kin, offsets); applied on load, never written back.

    Several patches of one weight apply in order, each to the result of the one before, in float32.
    """

    def names(self) -> frozenset[str]:
        """The parameters it changes, by the network's own names."""

    def apply(self, name: str, weight: Tensor) -> Tensor:
        """The changed float32 weight; a new tensor, possibly of another shape (a widened first convolution)."""


@dataclass(frozen=True, eq=False)
class Part:
    """One network of a checkpoint as a value: how it is built, and where its weights lie.

    Attributes:
        name: For people: ``UNet of sd15.safetensors``.
        family: ``sd1``, ``sd2``, ...
        build: Makes the module on the current default device; call it under ``torch.device("meta")``.
        weights: Native parameter name to its stored tensor, complete for ``build()``.
        identity: Equal exactly when the weights are: made of path, size and modification time, or of a digest.
        patches: Weight changes, in the order they are applied.
        role: What it does: denoiser, text_encoder, autoencoder, controlnet; precision is chosen by it.
    """

    name: str
    family: str
    build: Callable[[], nn.Module]
    weights: Mapping[str, StoredTensor]
    identity: str
    patches: tuple[WeightPatch, ...] = ()
    role: str = "denoiser"


@dataclass(frozen=True, eq=False)
class LatentFormat:
    """How an autoencoder's latents relate to what a denoiser sees: ``(samples - shift) * scale``."""

    channels: int = 4
    scale: float = 0.18215
    shift: float = 0.0
    downscale: int = 8


@dataclass(frozen=True, eq=False)
class Model:
    """A denoiser (MODEL): its network and how it is sampled.

    Attributes:
        part: The network with its weight patches.
        prediction: What the network outputs.
        alphas_cumprod: The training schedule, float32, one value for each ``stride`` training steps.
        latent_format: Of the latents it denoises.
        hooks: Changes of attention, outside the weights.
        wrappers: Denoise -> Denoise, applied innermost first around the conditioned denoiser.
        guiders: Functions that replace plain classifier-free guidance (rescale, PAG ...); the last one wins.
        stride: Training steps between those that the network knows: 1, or more if it was distilled to fewer.
        before_guidance: Makers, asked once a sampling, of functions that change the passes guidance gets, in order.
        after_guidance: Functions that change the estimate guidance gives, in order.
        mask_rule: Makes of the latents' mask the one of each step (``sampling.inpaint``); None takes it as it is.
    """

    part: Part
    prediction: Prediction
    alphas_cumprod: Tensor
    latent_format: LatentFormat
    hooks: tuple[AttentionHook, ...] = ()
    wrappers: tuple[Callable[..., Any], ...] = ()
    guiders: tuple[Callable[..., Any], ...] = ()
    stride: int = 1
    before_guidance: tuple[Callable[[], Callable[..., Any]], ...] = ()
    after_guidance: tuple[Callable[..., Any], ...] = ()
    mask_rule: Callable[[Tensor, float], Tensor] | None = None

    @property
    def family(self) -> str:
        return self.part.family


@dataclass(frozen=True, eq=False)
class TextEncoder:
    """A text encoder (CLIP).

    Attributes:
        part: The network with its weight patches.
        skip: Stop this many layers before the end: 1 is the last layer (CLIP skip as people count it).
        embeddings: Textual-inversion vectors by lower-case name, N x D each.
    """

    part: Part
    skip: int = 1
    embeddings: Mapping[str, Tensor] = field(default_factory=dict)

    @property
    def family(self) -> str:
        return self.part.family


@dataclass(frozen=True, eq=False)
class Autoencoder:
    """An autoencoder (VAE) with the format of its latents."""

    part: Part
    latent_format: LatentFormat

    @property
    def family(self) -> str:
        return self.part.family


@dataclass(frozen=True, eq=False)
class ControlNet:
    """A control network (CONTROL_NET).

    Attributes:
        part: The network with its weight patches. Its module is called as
            ``module(x, timestep, context, hint, vector=None) -> Residuals`` with the hint B x 3 x H x W in 0..1.
        prepare: Hint B x 3 x H x W in 0..1 and an Autoencoder (or None) -> what the module takes as hint; None keeps
            it. CtrLoRA encodes the picture here.
        average: Replace every residual by its spatial mean (the shuffle model).
    """

    part: Part
    prepare: Callable[..., Tensor] | None = None
    average: bool = False

    @property
    def family(self) -> str:
        return self.part.family


@dataclass(frozen=True, eq=False)
class Sampler:
    """An integration method with its options (SAMPLER): a name of ``sampling.samplers.SAMPLERS``."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Noise:
    """The start noise of a seed (NOISE); a seed of None is no noise."""

    seed: int | None


@dataclass(frozen=True, eq=False)
class Middle:
    """Conditioning between the negative and the positive, with a guidance scale of its own.

    Attributes:
        scale: Of the way from the negative to it; the guider's scale is that of the way from it to the positive.
        nested: The first way ends where the second one led, instead of at ``conditioning``.
        perpendicular: Guidance leads from it to the positive, and ``scale`` times away from what the negative has that
            the positive has not.
    """

    conditioning: Conditioning
    scale: float
    nested: bool = False
    perpendicular: bool = False


@dataclass(frozen=True, eq=False)
class Guider:
    """A model with what steers it (GUIDER); no negative conditioning means no guidance."""

    model: Model
    positive: Conditioning
    negative: Conditioning | None = None
    scale: float = 1.0
    middle: Middle | None = None
