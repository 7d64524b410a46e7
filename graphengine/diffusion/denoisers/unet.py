"""The UNet of Stable Diffusion 1, 2 (arXiv:2112.10752) and XL (arXiv:2307.01952).

B batch, C channels, h x w latent cells, T text tokens, D width of a text token, E width of the step embedding.
Parameters carry the names of the original checkpoints without ``model.diffusion_model.``.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from graphengine.diffusion.denoisers.layers import (
    CrossAttention,
    Downsample,
    ResBlock,
    SpatialTransformer,
    Upsample,
    timestep_embedding,
    zeroed,
)
from graphengine.diffusion.denoisers.unet_config import UNetConfig as UNetConfig
from graphengine.diffusion.types import AttentionHook, Residuals


class Block(nn.ModuleList):
    """The layers between two skip connections; each takes what it needs."""

    def forward(
        self,
        x: Tensor,
        embedding: Tensor,
        context: Tensor,
        hooks: Sequence[AttentionHook] = (),
        size: Sequence[int] | None = None,
    ) -> Tensor:
        """B x C x h x w -> B x C' x h' x w'; ``size`` is h' x w' where it is not twice h x w."""
        for layer in self:
            match layer:
                case ResBlock():
                    x = layer(x, embedding)
                case SpatialTransformer():
                    x = layer(x, context, hooks)
                case Upsample():
                    x = layer(x, size)
                case _:
                    x = layer(x)
        return x


class Encoder(nn.Module):
    """The half of the UNet that control networks copy: step embedding, the way down, and the middle."""

    def __init__(self, config: UNetConfig) -> None:
        super().__init__()
        self.config = config
        width, embedding_width = config.channels[0], config.embedding_width
        self.time_embed = _mlp(width, embedding_width)
        if config.vector_width is not None:
            self.label_emb: nn.Module = nn.Sequential(_mlp(config.vector_width, embedding_width))
        elif config.classes is not None:
            self.label_emb = nn.Embedding(config.classes, embedding_width)
        self.input_blocks = nn.ModuleList([Block([nn.Conv2d(config.in_channels, width, 3, padding=1)])])
        self.skip_channels = [width]
        for level, channels in enumerate(config.channels):
            for _ in range(config.res_blocks):
                self.input_blocks.append(Block(self._layers(level, self.skip_channels[-1], channels)))
                self.skip_channels.append(channels)
            if level < len(config.channels) - 1:
                self.input_blocks.append(Block([Downsample(channels)]))
                self.skip_channels.append(channels)
        self.middle_block = Block(
            [
                self._res_block(channels, channels),
                self._transformer(channels, config.middle_depth),
                self._res_block(channels, channels),
            ]
        )

    def _layers(self, level: int, in_channels: int, channels: int) -> list[nn.Module]:
        """A residual block and, where the level has them, its transformer."""
        layers: list[nn.Module] = [self._res_block(in_channels, channels)]
        if depth := self.config.depths[level]:
            layers.append(self._transformer(channels, depth, level in self.config.cross_only))
        return layers

    def _res_block(self, in_channels: int, channels: int) -> ResBlock:
        return ResBlock(in_channels, channels, self.config.embedding_width, self.config.norm_groups)

    def _transformer(self, channels: int, depth: int, cross_only: bool = False) -> SpatialTransformer:
        config = self.config
        heads = config.heads_of(channels)
        return SpatialTransformer(
            channels, config.context_width, heads, depth, config.norm_groups, config.linear_projections, cross_only
        )

    @property
    def dtype(self) -> torch.dtype:
        """Of the weights, and of everything computed in between."""
        return next(self.parameters()).dtype

    def embed(self, timestep: Tensor, vector: Tensor | None) -> Tensor:
        """B (fractional) timesteps, and B x V vectors or B class numbers -> B x E.

        Raises:
            ValueError: The network takes a vector and none is given.
        """
        embedding = self.time_embed(timestep_embedding(timestep, self.config.channels[0]).to(self.dtype))
        if self.config.vector_width is None and self.config.classes is None:
            return embedding
        if vector is None:
            raise ValueError(
                f"this network was trained with a vector of width {self.config.vector_width} beside the text"
                if self.config.vector_width
                else f"this network was trained with a class number from 0 to {(self.config.classes or 0) - 1}"
            )
        return embedding + self.label_emb(vector.to(self.dtype) if self.config.vector_width else vector)

    def encode(
        self,
        x: Tensor,
        embedding: Tensor,
        context: Tensor,
        hooks: Sequence[AttentionHook] = (),
        inputs: Sequence[Tensor | None] = (),
    ) -> tuple[list[Tensor], Tensor]:
        """The output of every encoder block, with ``inputs`` added at the same index, and that of the middle."""
        skips: list[Tensor] = []
        for index, block in enumerate(self.input_blocks):
            x = block(x, embedding, context, hooks)
            x = _plus(x, inputs[index] if index < len(inputs) else None)
            skips.append(x)
        return skips, self.middle_block(x, embedding, context, hooks)


class UNet(Encoder):
    """A denoiser: latents down to the middle, and up again beside the skip connections of the way down."""

    def __init__(self, config: UNetConfig) -> None:
        super().__init__(config)
        self.output_blocks = nn.ModuleList()
        skip_channels = list(self.skip_channels)
        width = config.channels[-1]
        for level, channels in reversed(list(enumerate(config.channels))):
            for index in range(config.res_blocks + 1):
                layers = self._layers(level, width + skip_channels.pop(), channels)
                if level and index == config.res_blocks:
                    layers.append(Upsample(channels))
                self.output_blocks.append(Block(layers))
                width = channels
        self.out = nn.Sequential(
            nn.GroupNorm(config.norm_groups, width),
            nn.SiLU(),
            zeroed(nn.Conv2d(width, config.out_channels, 3, padding=1)),
        )
        for name, module in self.named_modules():
            if isinstance(module, CrossAttention):
                module.layer = name

    def forward(
        self,
        x: Tensor,
        timestep: Tensor,
        context: Tensor,
        *,
        vector: Tensor | None = None,
        residuals: Residuals | None = None,
        hooks: Sequence[AttentionHook] = (),
    ) -> Tensor:
        """The raw prediction for B x C x h x w latents of any size, in their dtype.

        Args:
            timestep: B, from 0 to 999, may be fractional.
            context: B x T x D.
            vector: B x V, or B class numbers, for networks that take one.
            residuals: What control networks add; 12 skips for Stable Diffusion 1.
            hooks: Reach every ``attn1`` and ``attn2`` by its name in the network.

        Raises:
            ValueError: ``residuals`` has another number of skips than the network, or a vector is missing.
        """
        residuals = residuals or Residuals()
        embedding = self.embed(timestep, vector)
        context = context.to(self.dtype)
        skips, hidden = self.encode(x.to(self.dtype), embedding, context, hooks, residuals.inputs)
        hidden = _plus(hidden, residuals.middle)
        skips = _with_residuals(skips, residuals.skips)
        for block in self.output_blocks:
            joined = torch.cat([hidden, skips.pop()], dim=1)
            hidden = block(joined, embedding, context, hooks, size=skips[-1].shape[-2:] if skips else None)
        return self.out(hidden).to(x.dtype)


def _mlp(width: int, out_width: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, out_width), nn.SiLU(), nn.Linear(out_width, out_width))


def _plus(x: Tensor, residual: Tensor | None) -> Tensor:
    return x if residual is None else x + residual.to(x.dtype)


def _with_residuals(skips: list[Tensor], residuals: Sequence[Tensor | None]) -> list[Tensor]:
    if residuals and len(residuals) != len(skips):
        raise ValueError(
            f"{len(residuals)} control residuals for {len(skips)} skip connections; "
            "the control network belongs to another family of models"
        )
    return [_plus(skip, residual) for skip, residual in zip(skips, residuals or [None] * len(skips), strict=True)]
