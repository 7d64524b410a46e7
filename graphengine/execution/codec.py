"""Values as bytes and back: plain data, tuples, named dataclasses, and arrays by the packs that know them.

Written as one safetensors file whose metadata hold the structure as JSON; nothing read from it can name code to run:
a dataclass must be among those that packs declared.
"""

import hashlib
import importlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, Protocol

from graphengine.execution.values import Items

FORMAT = "graphengine-value-1"
SEQUENCES: dict[str, type] = {"list": list, "tuple": tuple, "items": Items}
MARKS = {kind: mark for mark, kind in SEQUENCES.items()}
UNREADABLE = (LookupError, ValueError, TypeError, AttributeError, ImportError, RuntimeError)


class NotStorable(TypeError):
    """A value has a part that no declared type covers, so it is kept in memory only."""


class NotReadable(ValueError):
    """Bytes are no value that this codec wrote, or were damaged."""


class ArrayModule(Protocol):
    """What a module that packs arrays must have."""

    def pack(self, value: Any) -> tuple[str, Sequence[int], bytes]:
        """Type as safetensors names it (``F32``, ``BF16``, ...), shape, bytes in row order."""

    def unpack(self, dtype: str, shape: Sequence[int], data: bytes) -> Any:
        """The array again."""


class Codec:
    """Encodes and decodes values.

    Args:
        store: Dataclasses that may be written, as ``module:Class``.
        arrays: Array type -> module that packs it, both by name; imported when first needed.
    """

    def __init__(self, store: Sequence[str] = (), arrays: Mapping[str, str] | None = None) -> None:
        self._store = frozenset(store)
        self._arrays = dict(arrays or {})

    def encode(self, value: Any) -> bytes:
        """The bytes of a value.

        Raises:
            NotStorable: Some part of it is of a type that was not declared, or cannot be written.
        """
        arrays: dict[str, dict[str, Any]] = {}
        try:
            text = json.dumps(self._dump(value, arrays), separators=(",", ":"))
        except NotStorable:
            raise
        except Exception as error:  # it contains itself, a number of 5,000 digits, an array that its pack cannot write
            raise NotStorable(f"the value cannot be written: {error}") from error
        return _file(arrays, {"format": FORMAT, "value": text, "digest": _digest(text, arrays)})

    def decode(self, data: bytes) -> Any:
        """The value of bytes that ``encode`` made.

        Raises:
            NotReadable: They are foreign, cut short or damaged.
        """
        try:
            arrays, metadata = _split(data)
            if metadata["format"] != FORMAT or metadata["digest"] != _digest(metadata["value"], arrays):
                raise NotReadable("the value was written by another program, or damaged")
            return self._load(json.loads(metadata["value"]), arrays)
        except UNREADABLE as error:
            raise NotReadable(f"not a value of the cache: {error}") from error

    def digest(self, value: Any) -> bytes:
        """A digest of a value's content; values that cannot be written count by identity."""
        try:
            return hashlib.blake2b(self.encode(value)).digest()
        except NotStorable:
            return str(id(value)).encode()

    def _class(self, name: str) -> type:
        """A declared class, its module imported only when a value of it is read."""
        if name not in self._store:
            raise NotReadable(f"values of type {name} are not declared as storable")
        module, _, attribute = name.partition(":")
        return getattr(importlib.import_module(module), attribute)

    def _dump(self, value: Any, arrays: dict[str, dict[str, Any]]) -> Any:
        if value is None or type(value) in (bool, int, float, str):
            return value
        if type(value) in MARKS:  # no other sequences: a named tuple would come back without its names
            return {MARKS[type(value)]: [self._dump(item, arrays) for item in value]}
        if type(value) is dict and all(type(key) is str for key in value):
            return {"map": {key: self._dump(item, arrays) for key, item in value.items()}}
        name = f"{type(value).__module__}:{type(value).__qualname__}"
        if name in self._arrays:
            return self._dump_array(name, value, arrays)
        if name in self._store and isinstance(value, Enum):
            return {"enum": name, "value": value.value}
        if name in self._store and is_dataclass(value):
            held = {field.name: self._dump(getattr(value, field.name), arrays) for field in fields(value)}
            return {"data": name, "fields": held}
        raise NotStorable(f"values of type {name} are not declared as storable")

    def _dump_array(self, name: str, value: Any, arrays: dict[str, dict[str, Any]]) -> Any:
        module: ArrayModule = importlib.import_module(self._arrays[name])
        dtype, shape, data = module.pack(value)
        label = str(len(arrays))
        arrays[label] = {"dtype": dtype, "shape": list(shape), "data": data}
        return {"array": label, "type": name}

    def _load(self, data: Any, arrays: Mapping[str, Any]) -> Any:
        if not isinstance(data, dict):
            return data
        if "array" in data:
            found = arrays[data["array"]]
            module: ArrayModule = importlib.import_module(self._arrays[data["type"]])
            return module.unpack(found["dtype"], found["shape"], found["data"])
        if "data" in data:
            held = {key: self._load(item, arrays) for key, item in data["fields"].items()}
            return self._class(data["data"])(**held)
        if "enum" in data:
            return self._class(data["enum"])(data["value"])
        if "map" in data:
            return {key: self._load(item, arrays) for key, item in data["map"].items()}
        (mark, items), *_ = data.items()
        return SEQUENCES[mark](self._load(item, arrays) for item in items)


def _file(arrays: Mapping[str, Any], metadata: Mapping[str, str]) -> bytes:
    """A safetensors file; written here because the library's call for it takes other arguments in every version."""
    header: dict[str, Any] = {"__metadata__": metadata}
    end = 0
    for label, array in arrays.items():
        begin, end = end, end + len(array["data"])
        header[label] = {"dtype": array["dtype"], "shape": array["shape"], "data_offsets": [begin, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return b"".join([len(text).to_bytes(8, "little"), text, *(array["data"] for array in arrays.values())])


def _split(data: bytes) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Arrays and metadata of a safetensors file."""
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    metadata = header.pop("__metadata__")
    arrays, end = {}, 0
    for label, array in header.items():
        begin, end = array.pop("data_offsets")
        arrays[label] = {**array, "data": data[start + begin : start + end]}
    if start + end != len(data):
        raise NotReadable("the file is longer or shorter than its header says")
    return arrays, metadata


def _digest(text: str, arrays: Mapping[str, Any]) -> str:
    digest = hashlib.blake2b(text.encode(), digest_size=20)
    for label in sorted(arrays):
        digest.update(json.dumps([label, arrays[label]["dtype"], list(arrays[label]["shape"])]).encode())
        digest.update(arrays[label]["data"])
    return digest.hexdigest()
