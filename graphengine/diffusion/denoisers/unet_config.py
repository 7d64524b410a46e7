"""The sizes of a UNet, and how they are read off the names and shapes of its parameters."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class UNetConfig:
    """The sizes of a UNet or of a control network's copy of its encoder; the defaults are Stable Diffusion 1's.

    Attributes:
        channels: Width of each level, the highest resolution first; the first is also the stem's.
        depths: Transformer blocks behind each residual block of a level; 0 is none.
        middle_depth: Transformer blocks in the middle.
        res_blocks: Residual blocks a level has on the way down; one more on the way up.
        heads: Attention heads of every layer, or None where ``head_width`` holds.
        head_width: Width of a head, for as many heads as fit.
        cross_only: The levels whose self-attention is a second cross-attention.
        vector_width: Width of the vector that joins the step embedding, or None.
        classes: Number of classes whose embedding joins the step embedding, or None.
    """

    in_channels: int = 4
    out_channels: int = 4
    channels: tuple[int, ...] = (320, 640, 1280, 1280)
    depths: tuple[int, ...] = (1, 1, 1, 0)
    middle_depth: int = 1
    res_blocks: int = 2
    context_width: int = 768
    heads: int | None = 8
    head_width: int | None = None
    linear_projections: bool = False
    cross_only: tuple[int, ...] = ()
    vector_width: int | None = None
    classes: int | None = None
    norm_groups: int = 32

    @classmethod
    def from_shapes(
        cls,
        shapes: Shapes,
        metadata: Mapping[str, str],
        *,
        heads: int | None = None,
        head_width: int | None = None,
        norm_groups: int = 32,
    ) -> "UNetConfig":
        """Read every size off native parameter names and shapes.

        Shapes do not tell ``heads`` (or ``head_width``) and ``norm_groups``: the family gives its rule, and a file's
        metadata of the same names replaces it.

        Raises:
            ValueError: Neither the arguments nor the metadata say how many heads there are, or the encoder has no
                transformer.
        """
        if "heads" in metadata:
            heads, head_width = int(metadata["heads"]), None
        if (heads is None) == (head_width is None):
            raise ValueError(
                f"a UNet needs either heads or head_width, not heads={heads} and head_width={head_width}; "
                "shapes do not tell them, so give one or write 'heads' into the file's metadata"
            )
        levels = _levels(shapes)
        blocks = [block for level in levels for block in level]
        with_text = [f"{block}.1" for block in blocks if _depth(shapes, f"{block}.1")]
        if not with_text:
            raise ValueError(
                f"no transformer in the encoder: none of {', '.join(blocks)} has a '.1.transformer_blocks'"
            )
        attention = f"{with_text[0]}.transformer_blocks.0"
        context_width = shapes[f"{attention}.attn2.to_k.weight"][1]
        return cls(
            in_channels=shapes["input_blocks.0.0.weight"][1],
            out_channels=shapes["out.2.weight"][0] if "out.2.weight" in shapes else 0,
            channels=tuple(shapes[f"{level[-1]}.0.out_layers.3.weight"][0] for level in levels),
            depths=tuple(_depth(shapes, f"{level[-1]}.1") for level in levels),
            middle_depth=_depth(shapes, "middle_block.1"),
            res_blocks=len(levels[0]),
            context_width=context_width,
            heads=heads,
            head_width=head_width,
            linear_projections=len(shapes[f"{with_text[0]}.proj_in.weight"]) == 2,
            cross_only=tuple(i for i, level in enumerate(levels) if _is_cross_only(shapes, f"{level[-1]}.1")),
            vector_width=shapes["label_emb.0.0.weight"][1] if "label_emb.0.0.weight" in shapes else None,
            classes=shapes["label_emb.weight"][0] if "label_emb.weight" in shapes else None,
            norm_groups=int(metadata.get("norm_groups", norm_groups)),
        )

    @property
    def embedding_width(self) -> int:
        """E, four times the stem's width."""
        return 4 * self.channels[0]

    def heads_of(self, channels: int) -> int:
        """Attention heads of a layer of this width."""
        return channels // self.head_width if self.head_width else self.heads or 1


def _levels(shapes: Shapes) -> list[list[str]]:
    """The residual encoder blocks ``input_blocks.N`` of each level; a down-sampler ends a level."""
    levels: list[list[str]] = [[]]
    for index in range(1, 1 + max(int(name.split(".")[1]) for name in shapes if name.startswith("input_blocks."))):
        if f"input_blocks.{index}.0.op.weight" in shapes:
            levels.append([])
        else:
            levels[-1].append(f"input_blocks.{index}")
    return levels


def _depth(shapes: Shapes, transformer: str) -> int:
    block = f"{transformer}.transformer_blocks.{{}}.attn2.to_k.weight"
    return next(depth for depth in count() if block.format(depth) not in shapes)


def _is_cross_only(shapes: Shapes, transformer: str) -> bool:
    attention = f"{transformer}.transformer_blocks.0"
    keys, queries = shapes.get(f"{attention}.attn1.to_k.weight"), shapes.get(f"{attention}.attn1.to_q.weight")
    return keys is not None and queries is not None and keys[1] != queries[1]
