"""Model folders in the layout of diffusers: a folder for each network, with weights and a config.json beside them."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from graphengine.diffusion.types import StoredTensor
from graphengine.diffusion.weights.errors import WeightsError
from graphengine.diffusion.weights.read import WeightsFile, open_weights

STEMS = ("diffusion_pytorch_model", "model", "pytorch_model")
ENDINGS = (".safetensors", ".fp16.safetensors", ".bin", ".fp16.bin")  # in the order we would rather have them


def open_folder(folder: Path) -> WeightsFile:
    """Open the weights of one network's folder, whole or in shards, plain or the half-precision variant.

    Raises:
        WeightsError: There are none.
    """
    candidates = [folder / f"{stem}{ending}" for ending in ENDINGS for stem in STEMS]
    for path in candidates:
        if path.is_file():
            file = open_weights(path)
            return WeightsFile(file.path, file.tensors, file.identity, {**_config(folder), **file.metadata})
        index = _index_of(path)
        if index.is_file():
            return _open_shards(folder, index)
    names = ", ".join(path.name for path in candidates[:4])
    raise WeightsError(f"{folder} holds no weights. Put one of {names}, ... there, or give a single-file checkpoint.")


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file; empty when there is no such file.

    Raises:
        WeightsError: The file is no JSON object.
    """
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise WeightsError(f"{path} is not JSON ({error}). Download it again.") from error
    if not isinstance(content, dict):
        raise WeightsError(f"{path} holds a JSON {type(content).__name__}, not an object. Download it again.")
    return content


def _index_of(path: Path) -> Path:
    """``model.fp16.safetensors`` -> ``model.safetensors.index.fp16.json``, and so on."""
    stem, *variant, suffix = path.name.split(".")
    return path.with_name(".".join([stem, suffix, "index", *variant, "json"]))


def _open_shards(folder: Path, index: Path) -> WeightsFile:
    listed = read_json(index).get("weight_map")
    if not isinstance(listed, dict):
        raise WeightsError(f"{index} has no weight_map. Download it again.")
    shards: dict[str, WeightsFile] = {}
    tensors: dict[str, StoredTensor] = {}
    for name, shard in listed.items():
        if not isinstance(shard, str) or Path(shard).name != shard:
            raise WeightsError(f"{index} lists {shard!r} for {name!r}; a shard must be a file of the same folder.")
        if shard not in shards:
            shards[shard] = open_weights(folder / shard)
        if name not in shards[shard].tensors:
            raise WeightsError(f"{folder / shard} lacks {name!r}, which {index.name} says it has. Download it again.")
        tensors[name] = shards[shard].tensors[name]
    identity = "|".join(file.identity for file in shards.values())
    return WeightsFile(folder, tensors, identity, _config(folder))


def _config(folder: Path) -> Mapping[str, str]:
    """What shapes do not tell, from ``config.json``: heads and norm groups."""
    return dict(_facts(read_json(folder / "config.json")))


def _facts(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    # diffusers calls a UNet's number of heads "attention_head_dim"; a list means heads of one width, as the family says
    heads = config.get("num_attention_heads") or config.get("attention_head_dim")
    if isinstance(heads, int):
        yield "heads", str(heads)
    if isinstance(groups := config.get("norm_num_groups"), int):
        yield "norm_groups", str(groups)
