"""The layers that the UNets of Stable Diffusion 1, 2 and XL and their control networks are made of.

B batch, C channels, h x w latent cells, L = hw tokens, T text tokens, D width of a text token, E width of the step
embedding. Parameters carry the names of the original checkpoints (Rombach et al. 2022, arXiv:2112.10752), which is why
some layers sit at numbered places beside layers without weights.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from graphengine.diffusion.attention import attention
from graphengine.diffusion.types import AttentionHook


def timestep_embedding(timestep: Tensor, width: int, max_period: float = 10000.0) -> Tensor:
    """Cosines, then sines, of B (fractional) timesteps at ``width // 2`` frequencies: B x width, float32.

    Vaswani et al. 2017 (arXiv:1706.03762) section 3.5, in the order and with the exponents Ho et al. 2020 use; an odd
    width ends on a zero.
    """
    half = width // 2
    steps = torch.arange(half, dtype=torch.float32, device=timestep.device)
    angles = timestep.float()[:, None] * torch.exp(-math.log(max_period) * steps / half)
    return F.pad(torch.cat([angles.cos(), angles.sin()], dim=-1), (0, width % 2))


def zeroed(module: nn.Module) -> nn.Module:
    """The module with zero weights, so that a branch that ends in it starts training as if it were not there."""
    for parameter in module.parameters():
        nn.init.zeros_(parameter)
    return module


class ResBlock(nn.Module):
    """Two convolutions around the step embedding, added to the input."""

    def __init__(self, in_channels: int, out_channels: int, embedding_width: int, norm_groups: int) -> None:
        super().__init__()
        self.in_layers = nn.Sequential(
            nn.GroupNorm(norm_groups, in_channels),
            nn.SiLU(inplace=True),
            nn.Conv2d(in_channels, out_channels, 3, padding=1),
        )
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(embedding_width, out_channels))
        self.out_layers = nn.Sequential(
            nn.GroupNorm(norm_groups, out_channels),
            nn.SiLU(inplace=True),
            nn.Identity(),  # a dropout in the original
            zeroed(nn.Conv2d(out_channels, out_channels, 3, padding=1)),
        )
        same = in_channels == out_channels
        self.skip_connection = nn.Identity() if same else nn.Conv2d(in_channels, out_channels, 1)

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        """B x C x h x w and B x E -> B x C' x h x w."""
        hidden = self.in_layers(x).add_(self.emb_layers(embedding)[:, :, None, None])
        return self.out_layers(hidden).add_(self.skip_connection(x))


class Downsample(nn.Module):
    """Half the resolution, rounded up."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.op = nn.Conv2d(channels, channels, 3, stride=2, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.op(x)


class Upsample(nn.Module):
    """Twice the resolution, or exactly the size asked for where the way down rounded."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor, size: Sequence[int] | None = None) -> Tensor:
        height, width = size or (2 * x.shape[-2], 2 * x.shape[-1])
        return self.conv(F.interpolate(x, size=(height, width), mode="nearest"))


class CrossAttention(nn.Module):
    """Attention of image tokens to the text, or to themselves when no context is given.

    ``layer`` is the name by which hooks know it; the network that owns it sets it.
    """

    def __init__(self, width: int, context_width: int, heads: int) -> None:
        super().__init__()
        self.layer = ""
        self.heads = heads
        self.to_q = nn.Linear(width, width, bias=False)
        self.to_k = nn.Linear(context_width, width, bias=False)
        self.to_v = nn.Linear(context_width, width, bias=False)
        self.to_out = nn.Sequential(nn.Linear(width, width))

    def forward(self, x: Tensor, context: Tensor | None = None, hooks: Sequence[AttentionHook] = ()) -> Tensor:
        """B x L x C and B x T x D -> B x L x C."""
        for_keys = for_values = x if context is None else context
        for hook in hooks:
            for_keys, for_values = hook.context(self.layer, for_keys)[0], hook.context(self.layer, for_values)[1]
        queries, values = self.to_q(x), self.to_v(for_values)
        attended = attention(queries, self.to_k(for_keys), values, self.heads)
        for hook in hooks:
            attended = hook.output(self.layer, queries, values, attended)
        return self.to_out(attended)


class GEGLU(nn.Module):
    """A projection gated by the exact GELU of another: Shazeer 2020 (arXiv:2002.05202)."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.proj = nn.Linear(width, 2 * inner)

    def forward(self, x: Tensor) -> Tensor:
        value, gate = self.proj(x).chunk(2, dim=-1)
        return F.gelu(gate).mul_(value)


class FeedForward(nn.Module):
    """Two linear layers around a gate, four times as wide inside."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.net = nn.Sequential(GEGLU(width, 4 * width), nn.Identity(), nn.Linear(4 * width, width))

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


class BasicTransformerBlock(nn.Module):
    """Image tokens look at each other, then at the text, then each passes through the feed-forward.

    With ``cross_only`` the first attention looks at the text as well (the x4 upscaler's high resolutions).
    """

    def __init__(self, width: int, context_width: int, heads: int, cross_only: bool = False) -> None:
        super().__init__()
        self.cross_only = cross_only
        self.norm1 = nn.LayerNorm(width)
        self.attn1 = CrossAttention(width, context_width if cross_only else width, heads)
        self.norm2 = nn.LayerNorm(width)
        self.attn2 = CrossAttention(width, context_width, heads)
        self.norm3 = nn.LayerNorm(width)
        self.ff = FeedForward(width)

    def forward(self, x: Tensor, context: Tensor, hooks: Sequence[AttentionHook] = ()) -> Tensor:
        x = x + self.attn1(self.norm1(x), context if self.cross_only else None, hooks)
        x = x + self.attn2(self.norm2(x), context, hooks)
        return x + self.ff(self.norm3(x))


class SpatialTransformer(nn.Module):
    """Transformer blocks on the cells of a feature map, added to it.

    The projections around them are 1 x 1 convolutions in Stable Diffusion 1 and linear layers (``linear``) since 2: the
    same map under two shapes of weight.
    """

    def __init__(
        self,
        channels: int,
        context_width: int,
        heads: int,
        depth: int,
        norm_groups: int,
        linear: bool,
        cross_only: bool = False,
    ) -> None:
        super().__init__()
        self.linear = linear
        self.norm = nn.GroupNorm(norm_groups, channels, eps=1e-6)
        self.proj_in = nn.Linear(channels, channels) if linear else nn.Conv2d(channels, channels, 1)
        self.transformer_blocks = nn.ModuleList(
            BasicTransformerBlock(channels, context_width, heads, cross_only) for _ in range(depth)
        )
        self.proj_out = zeroed(nn.Linear(channels, channels) if linear else nn.Conv2d(channels, channels, 1))

    def forward(self, x: Tensor, context: Tensor, hooks: Sequence[AttentionHook] = ()) -> Tensor:
        """B x C x h x w and B x T x D -> B x C x h x w."""
        size = x.shape[-2:]
        normed = self.norm(x)
        tokens = self.proj_in(_tokens(normed)) if self.linear else _tokens(self.proj_in(normed))
        for block in self.transformer_blocks:
            tokens = block(tokens, context, hooks)
        return x + (_cells(self.proj_out(tokens), size) if self.linear else self.proj_out(_cells(tokens, size)))


def _tokens(x: Tensor) -> Tensor:
    return x.flatten(2).transpose(1, 2)


def _cells(tokens: Tensor, size: Sequence[int]) -> Tensor:
    return tokens.transpose(1, 2).unflatten(2, tuple(size))
