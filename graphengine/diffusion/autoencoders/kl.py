"""The autoencoder of Stable Diffusion 1, 2, XL, 3 and Flux: Rombach et al. 2022 (arXiv:2112.10752), section 3.1.

B batch, H x W pixels, h x w latent cells, Z latent channels. Parameters carry the names of the original checkpoints
without ``first_stage_model.``; ``up.0`` is the decoder's last level, as ``down.0`` is the encoder's first.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, count, pairwise
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from graphengine.diffusion.attention import attention
from graphengine.diffusion.autoencoders.stripes import normed_conv, upsampled_conv


@dataclass(frozen=True)
class KLConfig:
    """The sizes of an autoencoder; the defaults are Stable Diffusion 1's.

    Attributes:
        channels: Width of each level, the highest resolution first; the last is also the middle's.
        res_blocks: Residual blocks a level has in the encoder; the decoder has one more.
        quantized: Whether 1 x 1 convolutions lie between encoder, latents and decoder (not in SD3 and Flux).
    """

    image_channels: int = 3
    latent_channels: int = 4
    channels: tuple[int, ...] = (128, 256, 512, 512)
    res_blocks: int = 2
    quantized: bool = True
    norm_groups: int = 32

    @classmethod
    def from_shapes(
        cls, shapes: Mapping[str, tuple[int, ...]], metadata: Mapping[str, str], *, norm_groups: int = 32
    ) -> "KLConfig":
        """Read every size off native parameter names and shapes.

        Shapes do not tell ``norm_groups``; a file's metadata of that name replaces the argument.
        """
        level = _count(shapes, "encoder.down.{}.block.0.conv1.weight")
        return cls(
            image_channels=shapes["encoder.conv_in.weight"][1],
            latent_channels=shapes["decoder.conv_in.weight"][1],
            channels=tuple(shapes[f"encoder.down.{i}.block.0.conv1.weight"][0] for i in range(level)),
            res_blocks=_count(shapes, "encoder.down.0.block.{}.conv1.weight"),
            quantized="quant_conv.weight" in shapes,
            norm_groups=int(metadata.get("norm_groups", norm_groups)),
        )

    @property
    def downscale(self) -> int:
        """Pixels to a latent cell, along a side."""
        return 2 ** (len(self.channels) - 1)


def _count(shapes: Mapping[str, tuple[int, ...]], pattern: str) -> int:
    return next(index for index in count() if pattern.format(index) not in shapes)


@dataclass(frozen=True, eq=False)
class Posterior:
    """The Gaussian an image is encoded to: mean and log-variance of every latent value, B x Z x h x w."""

    mean: Tensor
    logvar: Tensor

    @classmethod
    def from_moments(cls, moments: Tensor) -> "Posterior":
        """Split B x 2Z x h x w into mean and log-variance, the latter clamped to -30..20."""
        mean, logvar = moments.chunk(2, dim=1)
        return cls(mean, logvar.clamp(-30.0, 20.0))

    @property
    def std(self) -> Tensor:
        return torch.exp(0.5 * self.logvar)

    def mode(self) -> Tensor:
        return self.mean

    def sample(self, noise: Tensor) -> Tensor:
        """The latents that standard normal ``noise``, shaped like the mean, stands for."""
        return self.mean + self.std * noise

    def kl(self) -> Tensor:
        """Divergence from the standard normal in nats, summed over each image: B."""
        return 0.5 * (self.mean.square() + self.logvar.exp() - 1.0 - self.logvar).sum(dim=(1, 2, 3))

    def nll(self, sample: Tensor) -> Tensor:
        """Negative log-likelihood of latents in nats, summed over each image: B."""
        squares = (sample - self.mean).square() / self.logvar.exp()
        return 0.5 * (math.log(2 * math.pi) + self.logvar + squares).sum(dim=(1, 2, 3))


class AutoencoderKL(nn.Module):
    """Images in -1..1 to Gaussians over latents, and latents back to images. Works in the dtype of its weights."""

    def __init__(self, config: KLConfig) -> None:
        super().__init__()
        self.config = config
        latents = config.latent_channels
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.quant_conv = nn.Conv2d(2 * latents, 2 * latents, 1) if config.quantized else nn.Identity()
        self.post_quant_conv = nn.Conv2d(latents, latents, 1) if config.quantized else nn.Identity()

    def encode(self, image: Tensor) -> Posterior:
        """B x 3 x H x W in -1..1 -> a posterior over B x Z x h x w, not scaled."""
        moments = self.quant_conv(self.encoder(image.to(self.encoder.conv_in.weight.dtype)))
        return Posterior.from_moments(moments.to(image.dtype))

    def decode(self, latents: Tensor) -> Tensor:
        """B x Z x h x w, not scaled -> B x 3 x H x W, about -1..1."""
        return self.decoder(self.post_quant_conv(latents.to(self.decoder.conv_in.weight.dtype))).to(latents.dtype)

    def forward(self, image: Tensor, noise: Tensor) -> tuple[Tensor, Posterior]:
        """The reconstruction through a posterior sample, and the posterior: what training needs."""
        posterior = self.encode(image)
        return self.decode(posterior.sample(noise)), posterior


class Encoder(nn.Module):
    """Image to the moments of its latents: down through the levels, then the middle."""

    def __init__(self, config: KLConfig) -> None:
        super().__init__()
        self.conv_in = nn.Conv2d(config.image_channels, config.channels[0], 3, padding=1)
        widths = pairwise((config.channels[0], *config.channels))
        last = len(config.channels) - 1
        self.down = nn.ModuleList(
            DownLevel(config, before, after, last=level == last) for level, (before, after) in enumerate(widths)
        )
        self.mid = Middle(config)
        self.norm_out = _norm(config, config.channels[-1])
        self.conv_out = nn.Conv2d(config.channels[-1], 2 * config.latent_channels, 3, padding=1)

    def forward(self, image: Tensor) -> Tensor:
        hidden = self.conv_in(image)
        for layer in chain.from_iterable(cast(Iterable[DownLevel], self.down)):
            hidden = layer(hidden)
        return normed_conv(self.norm_out, self.conv_out, self.mid(hidden))


class Decoder(nn.Module):
    """Latents to an image: the middle, then up through the levels."""

    def __init__(self, config: KLConfig) -> None:
        super().__init__()
        self.conv_in = nn.Conv2d(config.latent_channels, config.channels[-1], 3, padding=1)
        self.mid = Middle(config)
        widths = pairwise((*config.channels, config.channels[-1]))
        self.up = nn.ModuleList(
            UpLevel(config, before, after, last=level == 0) for level, (after, before) in enumerate(widths)
        )
        self.norm_out = _norm(config, config.channels[0])
        self.conv_out = nn.Conv2d(config.channels[0], config.image_channels, 3, padding=1)

    def forward(self, latents: Tensor) -> Tensor:
        hidden = self.mid(self.conv_in(latents))
        for layer in chain.from_iterable(cast(Iterable[UpLevel], reversed(self.up))):
            hidden = layer(hidden)
        return normed_conv(self.norm_out, self.conv_out, hidden)


class Level(nn.Module):
    """Residual blocks at one resolution, and the change of resolution behind them.

    Its layers are run one by one from outside, so that nobody holds its input for longer than its first block does.
    """

    def __init__(self, config: KLConfig, before: int, after: int, blocks: int) -> None:
        super().__init__()
        widths = pairwise((before, *[after] * blocks))
        self.block = nn.ModuleList(ResBlock(config, in_channels, out_channels) for in_channels, out_channels in widths)


class DownLevel(Level):
    """A level of the encoder; all but the last end on half the resolution."""

    def __init__(self, config: KLConfig, before: int, after: int, last: bool) -> None:
        super().__init__(config, before, after, config.res_blocks)
        self.downsample = nn.Identity() if last else Downsample(after)

    def __iter__(self) -> Iterator[nn.Module]:
        return chain(self.block, [self.downsample])


class UpLevel(Level):
    """A level of the decoder; all but the last applied end on twice the resolution."""

    def __init__(self, config: KLConfig, before: int, after: int, last: bool) -> None:
        super().__init__(config, before, after, config.res_blocks + 1)
        self.upsample = nn.Identity() if last else Upsample(after)

    def __iter__(self) -> Iterator[nn.Module]:
        return chain(self.block, [self.upsample])


class Middle(nn.Module):
    """Two residual blocks around attention over all cells."""

    def __init__(self, config: KLConfig) -> None:
        super().__init__()
        channels = config.channels[-1]
        self.block_1 = ResBlock(config, channels, channels)
        self.attn_1 = SelfAttention(config, channels)
        self.block_2 = ResBlock(config, channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.block_2(self.attn_1(self.block_1(x)))


class ResBlock(nn.Module):
    """Two convolutions, added to the input; in place, since the decoder's last level makes the peak of memory."""

    def __init__(self, config: KLConfig, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.norm1 = _norm(config, in_channels)
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, padding=1)
        self.norm2 = _norm(config, out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1)
        same = in_channels == out_channels
        self.nin_shortcut = nn.Identity() if same else nn.Conv2d(in_channels, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        # in one expression, so that no name holds the map in between while the second convolution runs
        hidden = normed_conv(self.norm2, self.conv2, normed_conv(self.norm1, self.conv1, x))
        return hidden.add_(self.nin_shortcut(x))


class SelfAttention(nn.Module):
    """One head as wide as the features, over all cells, added to the input."""

    def __init__(self, config: KLConfig, channels: int) -> None:
        super().__init__()
        self.norm = _norm(config, channels)
        self.q = nn.Conv2d(channels, channels, 1)
        self.k = nn.Conv2d(channels, channels, 1)
        self.v = nn.Conv2d(channels, channels, 1)
        self.proj_out = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        normed = self.norm(x)
        q, k, v = (project(normed).flatten(2).transpose(1, 2) for project in (self.q, self.k, self.v))
        attended = attention(q, k, v, heads=1)
        return x + self.proj_out(attended.transpose(1, 2).unflatten(2, x.shape[-2:]))


class Downsample(nn.Module):
    """Half the resolution; the one row and column of padding lie at the bottom and on the right."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.pad(x, (0, 1, 0, 1)))


class Upsample(nn.Module):
    """Twice the resolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return upsampled_conv(self.conv, x)


def _norm(config: KLConfig, channels: int) -> nn.GroupNorm:
    return nn.GroupNorm(config.norm_groups, channels, eps=1e-6)
