import json
import os
import pickle
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from graphengine.diffusion.weights.errors import WeightsError
from graphengine.diffusion.weights.mapped import DTYPES, open_safetensors
from graphengine.diffusion.weights.read import open_weights


def test_every_type_reads_back_as_it_was_saved(tmp_path):
    whole = (torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)
    tensors = {f"i{n}": torch.arange(6).reshape(2, 3).to(dtype) for n, dtype in enumerate(whole)}
    floats = (torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.float8_e4m3fn, torch.float8_e5m2)
    tensors |= {f"f{n}": torch.linspace(-2, 2, 6).to(dtype) for n, dtype in enumerate(floats)}
    tensors |= {"scalar": torch.tensor(3.5), "empty": torch.zeros(0, 4)}
    save_file(tensors, tmp_path / "all.safetensors")
    stored = open_safetensors(tmp_path / "all.safetensors")
    assert stored.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert DTYPES[stored[name].dtype] == tensor.dtype
        assert stored[name].shape == tuple(tensor.shape)
        assert torch.equal(stored[name].read().float(), tensor.float())


def test_reading_twice_gives_the_same_memory_and_releasing_loses_nothing(tmp_path):
    value = torch.arange(100_000.0)
    save_file({"a": value}, tmp_path / "a.safetensors")
    stored = open_safetensors(tmp_path / "a.safetensors")["a"]
    assert stored.read().data_ptr() == stored.read().data_ptr()
    view = stored.read()
    stored.release()
    assert torch.equal(view, value) and torch.equal(stored.read(), value)


def test_writing_to_a_tensor_never_reaches_the_file(tmp_path):
    path = tmp_path / "a.safetensors"
    save_file({"a": torch.ones(4)}, path)
    before = path.read_bytes()
    open_safetensors(path)["a"].read().zero_()
    assert path.read_bytes() == before


def test_a_tensor_that_the_file_does_not_align_is_read_all_the_same(tmp_path):
    header = json.dumps({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
    header += b" " * ((1 - len(header)) % 8)
    path = tmp_path / "odd.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + torch.tensor([1.5, -2.0]).numpy().tobytes())
    assert open_safetensors(path)["a"].read().tolist() == [1.5, -2.0]


@pytest.mark.parametrize("nested", [True, False])
def test_a_pickled_checkpoint_gives_its_state_dict(tmp_path, nested):
    weights = {"a": torch.arange(4.0), "b": torch.ones(2, 2).half(), "step": 3}
    torch.save({"state_dict": weights, "epoch": 1} if nested else weights, tmp_path / "m.ckpt")
    file = open_weights(tmp_path / "m.ckpt")
    assert file.shapes == {"a": (4,), "b": (2, 2)}
    assert file.tensors["b"].dtype == "F16"
    assert file.tensors["a"].read().tolist() == [0, 1, 2, 3]


def saved_with_a_foreign_object(path, module, monkeypatch):
    """A checkpoint beside whose weights lies an object of a module that the reader need not have."""
    package = type(sys)(module)
    package.Callback = type("Callback", (), {"__module__": module})
    monkeypatch.setitem(sys.modules, module, package)
    callback = package.Callback()
    callback.best = 0.5
    torch.save({"state_dict": {"a": torch.ones(3)}, "callbacks": {package.Callback: callback}}, path)
    monkeypatch.delitem(sys.modules, module)


def test_a_training_framework_s_objects_are_passed_over(tmp_path, monkeypatch):
    saved_with_a_foreign_object(tmp_path / "m.ckpt", "pytorch_lightning", monkeypatch)
    assert open_weights(tmp_path / "m.ckpt").tensors["a"].read().tolist() == [1, 1, 1]


def test_other_foreign_objects_are_refused_with_the_cure(tmp_path, monkeypatch):
    saved_with_a_foreign_object(tmp_path / "m.ckpt", "somebody", monkeypatch)
    with pytest.raises(WeightsError, match=r"m\.ckpt is not loaded.*\.safetensors"):
        open_weights(tmp_path / "m.ckpt")


class Trap:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("legacy", [True, False])
def test_code_in_a_pickle_is_never_run(tmp_path, legacy):
    trap = {"state_dict": {"a": torch.ones(1)}, "x": Trap(tmp_path / "sprung")}
    torch.save(trap, tmp_path / "evil.pt", _use_new_zipfile_serialization=not legacy)
    (tmp_path / "bare.pt").write_bytes(pickle.dumps(trap["x"], protocol=2))
    for name in ("evil.pt", "bare.pt"):
        with pytest.raises(WeightsError, match="foreign code"):
            open_weights(tmp_path / name)
    assert not (tmp_path / "sprung").exists()


def test_a_missing_file_is_named():
    with pytest.raises(WeightsError, match="nowhere"):
        open_weights(Path("nowhere.safetensors"))
