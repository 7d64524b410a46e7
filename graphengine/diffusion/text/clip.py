"""CLIP's text transformer: Radford et al. 2021 (arXiv:2103.00020), section 2.4.

B batch, T positions (77), D width, P width of the projection. Parameters carry the names of the transformers layout.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from graphengine.diffusion.attention import attention

Activation = Literal["quick_gelu", "gelu"]
Replacement = tuple[int, int, Tensor]
"""Row, first position and N x D vectors that stand in the place of the token embeddings there."""


@dataclass(frozen=True)
class CLIPTextConfig:
    """The sizes of a text encoder; the defaults are Stable Diffusion 1's (ViT-L/14).

    Attributes:
        activation: ``quick_gelu`` is x * sigmoid(1.702 x), OpenAI's; OpenCLIP's encoders use the exact ``gelu``.
        projection: Width P of the projection of the pooled state, or None without one.
    """

    vocabulary: int = 49408
    positions: int = 77
    width: int = 768
    mlp_width: int = 3072
    layers: int = 12
    heads: int = 12
    activation: Activation = "quick_gelu"
    projection: int | None = None

    @classmethod
    def from_shapes(
        cls,
        shapes: Mapping[str, tuple[int, ...]],
        metadata: Mapping[str, str],
        *,
        heads: int | None = None,
        activation: Activation = "quick_gelu",
    ) -> "CLIPTextConfig":
        """Read every size off native parameter names and shapes.

        Shapes do not tell the heads: the metadata's ``heads`` come first, then the argument, then a head for every 64
        channels as in all published encoders. Nor do they tell the activation.
        """
        vocabulary, width = shapes["text_model.embeddings.token_embedding.weight"]
        layer = "text_model.encoder.layers.{}.mlp.fc1.weight"
        projection = shapes.get("text_projection.weight")
        return cls(
            vocabulary=vocabulary,
            positions=shapes["text_model.embeddings.position_embedding.weight"][0],
            width=width,
            mlp_width=shapes[layer.format(0)][0],
            layers=next(index for index in count() if layer.format(index) not in shapes),
            heads=int(metadata.get("heads", heads or width // 64)),
            activation=activation,
            projection=projection[0] if projection else None,
        )


class CLIPText(nn.Module):
    """Token ids to hidden states, one B x T x D tensor before every layer and one after the last."""

    def __init__(self, config: CLIPTextConfig) -> None:
        super().__init__()
        self.config = config
        self.text_model = TextModel(config)
        if config.projection is not None:
            self.text_projection = nn.Linear(config.width, config.projection, bias=False)

    def forward(self, tokens: Tensor, replacements: Sequence[Replacement] = ()) -> list[Tensor]:
        """Hidden states of B x T token ids; the first is the sum of the embeddings.

        Args:
            tokens: Ids; T may be shorter than the 77 positions there are.
            replacements: Learned vectors in the place of tokens' embeddings (textual inversion: Gal et al. 2022,
                arXiv:2208.01618).

        Raises:
            ValueError: More tokens than positions, or a vector of another width.
        """
        hidden = self.text_model.embeddings(tokens, replacements)
        states = [hidden]
        for layer in self.text_model.encoder.layers:
            states.append(layer(states[-1]))
        return states

    def context(self, states: Sequence[Tensor], skip: int = 1) -> Tensor:
        """What cross-attention takes, B x T x D: the state ``skip`` layers from the end (1 the last), normed.

        Raises:
            ValueError: There are fewer layers than ``skip``.
        """
        if not 1 <= skip <= len(states):
            raise ValueError(f"a skip of {skip} in an encoder of {len(states) - 1} layers; give 1 to {len(states)}")
        return self.text_model.final_layer_norm(states[-skip])

    def pooled(self, states: Sequence[Tensor], tokens: Tensor) -> Tensor:
        """The whole text as one vector, B x D (B x P if projected): the last state, normed, at the first end token.

        The end token has the largest id, so it is the first largest one.
        """
        ends = tokens.argmax(dim=-1)
        last = states[-1][torch.arange(len(tokens), device=tokens.device), ends]
        normed = self.text_model.final_layer_norm(last)
        return normed if self.config.projection is None else self.text_projection(normed)


class TextModel(nn.Module):
    """The parts of the encoder, under the name that checkpoints give them."""

    def __init__(self, config: CLIPTextConfig) -> None:
        super().__init__()
        self.embeddings = Embeddings(config)
        self.encoder = Layers(config)
        self.final_layer_norm = nn.LayerNorm(config.width)


class Embeddings(nn.Module):
    """A vector for each token plus one for its position."""

    def __init__(self, config: CLIPTextConfig) -> None:
        super().__init__()
        self.token_embedding = nn.Embedding(config.vocabulary, config.width)
        self.position_embedding = nn.Embedding(config.positions, config.width)

    def forward(self, tokens: Tensor, replacements: Sequence[Replacement] = ()) -> Tensor:
        length, positions = tokens.shape[1], self.position_embedding.weight
        if length > len(positions):
            raise ValueError(f"{length} tokens for {len(positions)} positions; encode longer text in chunks")
        embedded = self.token_embedding(tokens)
        for row, first, vectors in replacements:
            if vectors.shape[-1] != embedded.shape[-1]:
                raise ValueError(
                    f"a textual inversion of width {vectors.shape[-1]} in a text encoder of width "
                    f"{embedded.shape[-1]}; it was made for another family of models"
                )
            embedded[row, first : first + len(vectors)] = vectors.to(embedded)
        return embedded + positions[:length]


class Layers(nn.Module):
    """The list of layers, under the name that checkpoints give it."""

    def __init__(self, config: CLIPTextConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))


class Layer(nn.Module):
    """Positions look back at the ones before, then each passes through the feed-forward."""

    def __init__(self, config: CLIPTextConfig) -> None:
        super().__init__()
        self.self_attn = SelfAttention(config)
        self.layer_norm1 = nn.LayerNorm(config.width)
        self.mlp = MLP(config)
        self.layer_norm2 = nn.LayerNorm(config.width)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.self_attn(self.layer_norm1(x))
        return x + self.mlp(self.layer_norm2(x))


class SelfAttention(nn.Module):
    """Causal attention; padding is attended to like any token."""

    def __init__(self, config: CLIPTextConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.q_proj = nn.Linear(config.width, config.width)
        self.k_proj = nn.Linear(config.width, config.width)
        self.v_proj = nn.Linear(config.width, config.width)
        self.out_proj = nn.Linear(config.width, config.width)

    def forward(self, x: Tensor) -> Tensor:
        return self.out_proj(attention(self.q_proj(x), self.k_proj(x), self.v_proj(x), self.heads, causal=True))


class MLP(nn.Module):
    """Two linear layers around the activation."""

    def __init__(self, config: CLIPTextConfig) -> None:
        super().__init__()
        self.activation = config.activation
        self.fc1 = nn.Linear(config.width, config.mlp_width)
        self.fc2 = nn.Linear(config.mlp_width, config.width)

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.fc1(x)
        hidden = hidden * torch.sigmoid(1.702 * hidden) if self.activation == "quick_gelu" else F.gelu(hidden)
        return self.fc2(hidden)
