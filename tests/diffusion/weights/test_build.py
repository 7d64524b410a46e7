import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from graphengine.diffusion.types import Part
from graphengine.diffusion.weights.build import materialize
from graphengine.diffusion.weights.errors import WeightsError
from graphengine.diffusion.weights.load import load_denoiser
from graphengine.diffusion.weights.mapped import open_safetensors

CPU = torch.device("cpu")
CONV = "input_blocks.0.0.weight"
LINEAR = "time_embed.0.weight"


@dataclass(frozen=True, eq=False)
class Change:
    """A patch of one weight by any function."""

    name: str
    function: object

    def names(self):
        return frozenset({self.name})

    def apply(self, name, weight):
        assert weight.dtype == torch.float32
        return self.function(weight)


def test_weights_of_the_asked_type_are_the_file_s_own_memory(tiny_checkpoint):
    part = load_denoiser(tiny_checkpoint).part
    module = materialize(part, torch.float16, CPU)
    assert module.get_parameter(LINEAR).data_ptr() == part.weights[LINEAR].read().data_ptr()
    owned = materialize(part, torch.float16, CPU, copy=True)
    assert owned.get_parameter(LINEAR).data_ptr() != part.weights[LINEAR].read().data_ptr()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_kernels_lie_channels_last_in_half_precision(tiny_checkpoint, dtype):
    kernel = materialize(load_denoiser(tiny_checkpoint).part, dtype, CPU).get_parameter(CONV)
    assert kernel.is_contiguous(memory_format=torch.channels_last)
    assert not kernel.is_contiguous()


def test_a_network_comes_cast_without_gradients_and_in_evaluation_mode(tiny_checkpoint):
    part = load_denoiser(tiny_checkpoint).part
    module = materialize(part, torch.bfloat16, CPU)
    assert not module.training
    for name, parameter in module.named_parameters():
        assert torch.equal(parameter, part.weights[name].read().to(torch.bfloat16))
        assert not parameter.requires_grad


def test_patches_apply_in_order_in_float32_and_are_cast_once(tiny_checkpoint):
    part = load_denoiser(tiny_checkpoint).part
    patches = (Change(CONV, lambda weight: weight + 1e-4), Change(CONV, lambda weight: weight * 3))
    module = materialize(replace(part, patches=patches), torch.bfloat16, CPU)
    expected = (part.weights[CONV].read().float() + 1e-4) * 3
    assert torch.equal(module.get_parameter(CONV), expected.to(torch.bfloat16))


def test_a_patch_may_widen_a_convolution(tiny_checkpoint):
    part = load_denoiser(tiny_checkpoint).part
    widened = Change(CONV, lambda weight: torch.cat([weight, torch.zeros_like(weight)], dim=1))
    module = materialize(replace(part, patches=(widened,)), torch.float32, CPU)
    assert module.get_parameter(CONV).shape[1] == 8
    out = module(torch.ones(1, 8, 8, 8), torch.tensor([5.0]), torch.zeros(1, 3, 12))
    assert out.shape == (1, 4, 8, 8)


def test_a_weight_that_nothing_fills_is_named(tmp_path):
    save_file({"weight": torch.ones(2, 2)}, tmp_path / "a.safetensors")
    part = Part("a layer", "none", lambda: nn.Linear(2, 2), open_safetensors(tmp_path / "a.safetensors"), "id")
    with pytest.raises(WeightsError, match="a layer leaves bias without values"):
        materialize(part, torch.float32, CPU)


MEASURE = """
import sys, torch
from torch import nn
from graphengine.diffusion.types import Part
from graphengine.diffusion.weights.build import materialize
from graphengine.diffusion.weights.mapped import open_safetensors

def kilobytes(field):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(field))

def build():
    return nn.ModuleList(nn.Linear(1024, 1024, bias=False) for _ in range(32))

torch.ones(9, dtype=torch.float16).bfloat16()
part = Part("many layers", "none", build, open_safetensors(sys.argv[1]), "id")
before = kilobytes("VmRSS")
with open("/proc/self/clear_refs", "w") as references:
    references.write("5")  # forget the highest use of memory so far
module = materialize(part, torch.bfloat16, torch.device("cpu"))
print((kilobytes("VmHWM") - before) * 1024 / (32 * 1024 * 1024 * 2))
"""


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="measures memory as Linux tells it")
def test_casting_a_whole_file_never_holds_it_twice(tmp_path):
    save_file({f"{n}.weight": torch.zeros(1024, 1024).half() for n in range(32)}, tmp_path / "a.safetensors")
    command = [sys.executable, "-c", MEASURE, str(tmp_path / "a.safetensors")]
    peak = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert 0.9 < peak < 1.3
