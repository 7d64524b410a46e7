import json
import os

import pytest
import torch
from safetensors.torch import save_file

from graphengine.diffusion.weights.errors import WeightsError
from graphengine.diffusion.weights.header import read_header


def write(path, entries, data=b"", length=None):
    header = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
    path.write_bytes((len(header) if length is None else length).to_bytes(8, "little") + header + data)
    return path


def entry(start, stop, shape=None, dtype="F32"):
    return {"dtype": dtype, "shape": [(stop - start) // 4] if shape is None else shape, "data_offsets": [start, stop]}


def test_names_types_shapes_and_metadata_are_those_that_were_saved(tmp_path):
    path = tmp_path / "a.safetensors"
    save_file({"x": torch.zeros(2, 3, dtype=torch.float16), "n": torch.tensor(5)}, path, {"prediction": "v"})
    header = read_header(path)
    assert header.shapes == {"x": (2, 3), "n": ()}
    assert {name: tensor.dtype for name, tensor in header.tensors.items()} == {"x": "F16", "n": "I64"}
    assert header.metadata == {"prediction": "v"}


@pytest.mark.parametrize(
    ("entries", "data", "reason"),
    [
        ({"a": entry(0, 8), "b": entry(4, 12)}, bytes(12), "'a' and 'b' overlap"),
        ({"a": entry(0, 8)}, bytes(4), "the download is not complete"),
        ({"a": entry(0, 8, shape=[3])}, bytes(8), "takes 12 bytes"),
        ({"a": entry(0, 8, dtype="F6")}, bytes(8), "'F6'; known are"),
        ({"a": entry(0, 8, shape=[-1, -2])}, bytes(8), "shape"),
        ({"a": entry(0, 4, shape=[True])}, bytes(4), "shape"),
        ({"a": {"dtype": "F32"}}, b"", "lacks dtype, shape or data_offsets"),
        ({"__metadata__": {"n": 1}}, b"", "not an object of texts"),
        (b'{"a": 1, "a": 2}', b"", "names a tensor twice"),
        (b"{nonsense", b"", "not JSON"),
        (b"[1]", b"", "JSON list"),
        (b"[" * 100_000, b"", "not JSON"),
        (b'{"a": ' + b"9" * 5000 + b"}", b"", "not JSON"),
        ({"a": entry(0, 4, shape=[2**63])}, bytes(4), "shape"),
        ({"a": entry(0, 4, shape=[1] * 65)}, bytes(4), "shape"),
        ({"a": {**entry(0, 4), "shape": [[[[[[[[1]]]]]]]] * 1000}}, bytes(4), "shape"),
    ],
)
def test_a_header_that_contradicts_itself_is_refused_with_the_file_and_the_reason(tmp_path, entries, data, reason):
    path = write(tmp_path / "bad.safetensors", entries, data)
    with pytest.raises(WeightsError, match=r"bad\.safetensors") as refused:
        read_header(path)
    assert reason in str(refused.value)


@pytest.mark.parametrize("length", [2**63, 100_000_001, 999])
def test_a_header_longer_than_the_file_or_the_limit_is_not_read(tmp_path, length):
    path = write(tmp_path / "bad.safetensors", {}, length=length)
    with pytest.raises(WeightsError, match="header"):
        read_header(path)


def test_a_header_beyond_the_limit_is_not_read_though_the_file_has_it(tmp_path):
    path = write(tmp_path / "bad.safetensors", {}, length=100_000_001)
    os.truncate(path, 100_000_100)  # sparse: it takes no room
    with pytest.raises(WeightsError, match="no possible header length"):
        read_header(path)


def test_an_empty_file_is_refused(tmp_path):
    (tmp_path / "empty.safetensors").touch()
    with pytest.raises(WeightsError, match="first 8 bytes"):
        read_header(tmp_path / "empty.safetensors")
