"""The control network of Zhang et al. 2023 (arXiv:2302.05543): a copy of the UNet's encoder that sees a hint.

B batch, C channels, h x w latent cells, H x W pixels, T text tokens, D width of a text token. Parameters carry the
names of the original checkpoints without ``control_model.``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from torch import Tensor, nn

from graphengine.diffusion.denoisers.layers import zeroed
from graphengine.diffusion.denoisers.unet import Encoder, UNetConfig
from graphengine.diffusion.types import Residuals


@dataclass(frozen=True)
class ControlNetConfig:
    """The sizes of a control network; the defaults are Stable Diffusion 1's.

    Attributes:
        encoder: Of the copied encoder.
        hint_channels: Of the hint itself and of the convolutions on it, the last of which is as wide as the encoder;
            every second of those between halves the resolution. Empty for a network that takes an encoded hint in the
            place of the noisy latents (CtrLoRA: Xu et al. 2024, arXiv:2410.09400).
    """

    encoder: UNetConfig = field(default_factory=UNetConfig)
    hint_channels: tuple[int, ...] = (3, 16, 16, 32, 32, 96, 96, 256, 320)

    @classmethod
    def from_shapes(
        cls,
        shapes: Mapping[str, tuple[int, ...]],
        metadata: Mapping[str, str],
        *,
        heads: int | None = None,
        head_width: int | None = None,
        norm_groups: int = 32,
    ) -> "ControlNetConfig":
        """Read every size off native parameter names and shapes; for the rest see ``UNetConfig.from_shapes``."""
        encoder = UNetConfig.from_shapes(shapes, metadata, heads=heads, head_width=head_width, norm_groups=norm_groups)
        convolutions = sorted(
            (int(name.split(".")[1]), shape)
            for name, shape in shapes.items()
            if name.startswith("input_hint_block.") and name.endswith(".weight")
        )
        widths = [shape[1] for _, shape in convolutions[:1]] + [shape[0] for _, shape in convolutions]
        return cls(encoder, tuple(widths))


class ControlNet(Encoder):
    """The hint joins the features after the first block; every block's output leaves through a zero convolution."""

    def __init__(self, config: ControlNetConfig) -> None:
        super().__init__(config.encoder)
        self.input_hint_block = _hint_block(config.hint_channels) if config.hint_channels else None
        self.zero_convs = nn.ModuleList(
            nn.Sequential(zeroed(nn.Conv2d(channels, channels, 1))) for channels in self.skip_channels
        )
        middle = config.encoder.channels[-1]
        self.middle_block_out = nn.Sequential(zeroed(nn.Conv2d(middle, middle, 1)))

    def forward(
        self, x: Tensor, timestep: Tensor, context: Tensor, hint: Tensor, vector: Tensor | None = None
    ) -> Residuals:
        """What to add to the UNet's skip connections and middle, in the dtype of ``x``.

        Args:
            x: Noisy latents, B x C x h x w.
            timestep: B, may be fractional.
            context: B x T x D.
            hint: B x 3 x H x W in 0..1, at the size of the picture; for a network without hint convolutions the
                encoded hint, shaped like ``x``, which it takes in the place of ``x``.
            vector: For families that take one.
        """
        embedding, dtype = self.embed(timestep, vector), self.dtype
        if self.input_hint_block is None:
            noisy, features = hint, None
        else:
            noisy, features = x, self.input_hint_block(hint.to(dtype))
        skips, middle = self.encode(noisy.to(dtype), embedding, context.to(dtype), inputs=[features])
        return Residuals(
            skips=[conv(skip).to(x.dtype) for conv, skip in zip(self.zero_convs, skips, strict=True)],
            middle=self.middle_block_out(middle).to(x.dtype),
        )


def _hint_block(channels: tuple[int, ...]) -> nn.Sequential:
    """Convolutions with SiLU between them, at the places 0, 2, 4, ..., the last one zero."""
    last = len(channels) - 2
    layers: list[nn.Module] = []
    for index, (before, after) in enumerate(pairwise(channels)):
        stride = 2 if 0 < index < last and index % 2 == 0 else 1
        layers += [nn.Conv2d(before, after, 3, stride=stride, padding=1), nn.SiLU()]
    zeroed(layers[-2])
    return nn.Sequential(*layers[:-1])
