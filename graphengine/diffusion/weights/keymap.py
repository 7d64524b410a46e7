"""Names of weights, ours and other people's, both ways.

Our networks carry the names of the original single files (LDM; Hugging Face's for CLIP). A ``KeyMap`` renames to them
and back by rules: a table of module names, written out for the levels and blocks that the names at hand show. A name
belongs to the longest module in the table that it lies under; names under none stay as they are.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

Pair = tuple[str, str]  # our module, theirs
Names = Collection[str]


@dataclass(frozen=True)
class KeyMap:
    """One foreign layout of one network.

    Attributes:
        ours: The table for names in our layout.
        theirs: The table for names in the foreign layout. Several foreign modules may stand for one of ours (older
            spellings); the first is the one we write.
    """

    ours: Callable[[Names], Iterable[Pair]]
    theirs: Callable[[Names], Iterable[Pair]]

    def to_native(self, names: Names) -> dict[str, str]:
        """Foreign name -> our name, for every name."""
        return rename(names, {theirs: ours for ours, theirs in self.theirs(names)})

    def from_native(self, names: Names) -> dict[str, str]:
        """Our name -> foreign name, for every name."""
        table: dict[str, str] = {}
        for ours, theirs in self.ours(names):
            table.setdefault(ours, theirs)
        return rename(names, table)


def rename(names: Names, modules: dict[str, str]) -> dict[str, str]:
    """Rename the longest module of the table that each name lies under."""
    return {name: _renamed(name, modules) for name in names}


def _renamed(name: str, modules: dict[str, str]) -> str:
    module = name
    while module:
        if module in modules:
            return modules[module] + name[len(module) :]
        module = module.rpartition(".")[0]
    return name


def count(names: Names, pattern: str) -> int:
    """One more than the largest number that the pattern's group finds; 0 when it finds none."""
    found = re.compile(pattern)
    return max((int(match[1]) + 1 for name in names if (match := found.match(name))), default=0)


RESNET = (
    ("in_layers.0", "norm1"),
    ("in_layers.2", "conv1"),
    ("emb_layers.1", "time_emb_proj"),
    ("out_layers.0", "norm2"),
    ("out_layers.3", "conv2"),
    ("skip_connection", "conv_shortcut"),
)


def _resnet(ours: str, theirs: str) -> Iterator[Pair]:
    for our_layer, their_layer in RESNET:
        yield f"{ours}.{our_layer}", f"{theirs}.{their_layer}"


def _unet_pairs(levels: int, blocks: int, upper_attention: Collection[int]) -> Iterator[Pair]:
    """UNet and ControlNet with ``blocks`` residual blocks a level; ``upper_attention``: decoder levels that attend."""
    yield from (("input_blocks.0.0", "conv_in"), ("out.0", "conv_norm_out"), ("out.2", "conv_out"))
    yield from (("time_embed.0", "time_embedding.linear_1"), ("time_embed.2", "time_embedding.linear_2"))
    yield from (("label_emb.0.0", "add_embedding.linear_1"), ("label_emb.0.2", "add_embedding.linear_2"))
    yield from _resnet("middle_block.0", "mid_block.resnets.0")
    yield "middle_block.1", "mid_block.attentions.0"
    yield from _resnet("middle_block.2", "mid_block.resnets.1")
    for level in range(levels):
        yield from _encoder_level(level, blocks)
        yield from _decoder_level(level, blocks, attends=level in upper_attention)


def _encoder_level(level: int, blocks: int) -> Iterator[Pair]:
    first = 1 + level * (blocks + 1)
    for block in range(blocks):
        yield from _resnet(f"input_blocks.{first + block}.0", f"down_blocks.{level}.resnets.{block}")
        yield f"input_blocks.{first + block}.1", f"down_blocks.{level}.attentions.{block}"
    yield f"input_blocks.{first + blocks}.0.op", f"down_blocks.{level}.downsamplers.0.conv"


def _decoder_level(level: int, blocks: int, attends: bool) -> Iterator[Pair]:
    first = level * (blocks + 1)
    for block in range(blocks + 1):
        yield from _resnet(f"output_blocks.{first + block}.0", f"up_blocks.{level}.resnets.{block}")
        yield f"output_blocks.{first + block}.1", f"up_blocks.{level}.attentions.{block}"
    upsampler = f"output_blocks.{first + blocks}.{2 if attends else 1}.conv"
    yield upsampler, f"up_blocks.{level}.upsamplers.0.conv"


def _unet_ours(names: Names) -> Iterator[Pair]:
    inputs = count(names, r"input_blocks\.(\d+)\.")
    samplers = [int(match[1]) for name in names if (match := re.match(r"input_blocks\.(\d+)\.0\.op\.", name))]
    blocks = min(samplers, default=inputs) - 1
    levels = inputs // (blocks + 1)
    attends = {level for level in range(levels) if f"output_blocks.{level * (blocks + 1)}.1.norm.weight" in names}
    return _unet_pairs(levels, blocks, attends)


def _unet_theirs(names: Names) -> Iterator[Pair]:
    levels = count(names, r"(?:down|up)_blocks\.(\d+)\.")
    blocks = count(names, r"down_blocks\.\d+\.resnets\.(\d+)\.")
    attends = {level for level in range(levels) if f"up_blocks.{level}.attentions.0.norm.weight" in names}
    return _unet_pairs(levels, blocks, attends)


def _hint_pairs(convolutions: int) -> Iterator[Pair]:
    """The hint's stack of convolutions, with an activation between each two."""
    last = convolutions - 1
    yield "input_hint_block.0", "controlnet_cond_embedding.conv_in"
    for index in range(1, last):
        yield f"input_hint_block.{2 * index}", f"controlnet_cond_embedding.blocks.{index - 1}"
    yield f"input_hint_block.{2 * last}", "controlnet_cond_embedding.conv_out"


def _control_outputs(outputs: int) -> Iterator[Pair]:
    yield "middle_block_out.0", "controlnet_mid_block"
    for index in range(outputs):
        yield f"zero_convs.{index}.0", f"controlnet_down_blocks.{index}"


def _controlnet_ours(names: Names) -> Iterator[Pair]:
    yield from _unet_ours(names)
    yield from _hint_pairs((count(names, r"input_hint_block\.(\d+)\.") + 1) // 2)
    yield from _control_outputs(count(names, r"zero_convs\.(\d+)\."))


def _controlnet_theirs(names: Names) -> Iterator[Pair]:
    yield from _unet_theirs(names)
    yield from _hint_pairs(count(names, r"controlnet_cond_embedding\.blocks\.(\d+)\.") + 2)
    yield from _control_outputs(count(names, r"controlnet_down_blocks\.(\d+)\."))


ATTENTION = (
    ("norm", "group_norm"),
    ("q", "to_q"),
    ("k", "to_k"),
    ("v", "to_v"),
    ("proj_out", "to_out.0"),
    ("q", "query"),
    ("k", "key"),
    ("v", "value"),
    ("proj_out", "proj_attn"),
)


def _autoencoder_pairs(levels: int, blocks: int) -> Iterator[Pair]:
    """KL autoencoder; the decoder's ``up.0`` is the last level we run and the last one they count."""
    for half in ("encoder", "decoder"):
        yield f"{half}.norm_out", f"{half}.conv_norm_out"
        for ours, theirs in (("block_1", "resnets.0"), ("block_2", "resnets.1")):
            yield f"{half}.mid.{ours}", f"{half}.mid_block.{theirs}"
        for ours, theirs in ATTENTION:
            yield f"{half}.mid.attn_1.{ours}", f"{half}.mid_block.attentions.0.{theirs}"
    for level in range(levels):
        down, up = f"encoder.down_blocks.{level}", f"decoder.up_blocks.{levels - 1 - level}"
        yield f"encoder.down.{level}.downsample.conv", f"{down}.downsamplers.0.conv"
        yield f"decoder.up.{level}.upsample.conv", f"{up}.upsamplers.0.conv"
        for block in range(blocks):
            for ours, theirs in ((f"encoder.down.{level}", down), (f"decoder.up.{level}", up)):
                yield f"{ours}.block.{block}", f"{theirs}.resnets.{block}"
                yield f"{ours}.block.{block}.nin_shortcut", f"{theirs}.resnets.{block}.conv_shortcut"


def _autoencoder_ours(names: Names) -> Iterator[Pair]:
    levels = count(names, r"(?:encoder\.down|decoder\.up)\.(\d+)\.")
    return _autoencoder_pairs(levels, count(names, r"(?:encoder\.down|decoder\.up)\.\d+\.block\.(\d+)\."))


def _autoencoder_theirs(names: Names) -> Iterator[Pair]:
    levels = count(names, r"(?:encoder\.down|decoder\.up)_blocks\.(\d+)\.")
    return _autoencoder_pairs(levels, count(names, r"(?:encoder\.down|decoder\.up)_blocks\.\d+\.resnets\.(\d+)\."))


def _flat_clip(_names: Names) -> Iterator[Pair]:
    """transformers 5 dropped the outer ``text_model`` level from a text tower's names."""
    return ((f"text_model.{module}", module) for module in ("embeddings", "encoder", "final_layer_norm"))


NATIVE = KeyMap(lambda _names: (), lambda _names: ())
UNET_DIFFUSERS = KeyMap(_unet_ours, _unet_theirs)
CONTROLNET_DIFFUSERS = KeyMap(_controlnet_ours, _controlnet_theirs)
AUTOENCODER_DIFFUSERS = KeyMap(_autoencoder_ours, _autoencoder_theirs)
CLIP_FLAT = KeyMap(_flat_clip, _flat_clip)
