"""One denoising step at full size: our UNet beside diffusers', the same random weights in bf16, 512 x 512, two images.

    python benchmarks/unet_step.py [--runs N] [--json]

Both run in turns in one process, the better of each counts. Seconds of processor time do not depend on what else the
machine does as much as those of the clock do; their ratio depends on it least. Without diffusers only ours is timed.
"""

import importlib.util
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from graphengine.diffusion.denoisers.unet import UNet
from graphengine.diffusion.denoisers.unet_config import UNetConfig
from graphengine.diffusion.precision import Precision
from graphengine.diffusion.residency import Residency
from graphengine.diffusion.types import Part
from graphengine.diffusion.weights.keymap import UNET_DIFFUSERS
from graphengine.diffusion.weights.skeleton import skeleton
from measures import Measure, report
from model_files import diffusers_names, random_weights

GOAL, AMBITION = 3.8, 2.6  # seconds of two quiet cores


@dataclass(frozen=True)
class InMemory:
    """A stored tensor that lies in no file."""

    value: Tensor

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.value.shape)

    @property
    def dtype(self) -> str:
        return "BF16"

    def read(self) -> Tensor:
        return self.value


@dataclass
class Timed:
    """The best of several runs, in seconds of the processor and of the clock."""

    cpu: float = float("inf")
    wall: float = float("inf")

    def run(self, call: Callable[[], Tensor]) -> Tensor:
        cpu, wall = time.process_time(), time.perf_counter()
        result = call()
        self.cpu = min(self.cpu, time.process_time() - cpu)
        self.wall = min(self.wall, time.perf_counter() - wall)
        return result


def measures(runs: int = 4) -> Iterator[Measure]:
    build = partial(UNet, UNetConfig())
    weights = random_weights(skeleton(build), dtype=torch.bfloat16)
    stored = {name: InMemory(value) for name, value in weights.items()}
    devices = Residency("cpu", precision=Precision("bf16"))
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2, 4, 64, 64, generator=generator).bfloat16()
    context = torch.randn(2, 77, 768, generator=generator).bfloat16()
    timestep = torch.tensor([500.0, 500.0])
    with devices.use(Part("UNet", "sd1", build, stored, "random")) as network, torch.inference_mode():
        calls = {"ours": lambda: network(x, timestep, context)}
        if importlib.util.find_spec("diffusers"):
            peer = diffusers_unet(weights)
            last = x.to(memory_format=torch.channels_last)
            calls["diffusers"] = lambda: peer(last, timestep, encoder_hidden_states=context).sample
        results = {name: call() for name, call in calls.items()}  # warms up
        timed = {name: Timed() for name in calls}
        for _ in range(runs):
            for name, call in calls.items():
                timed[name].run(call)
    ours = timed["ours"]
    other = timed.get("diffusers", Timed())
    yield Measure(f"UNet step, {torch.get_num_threads()} threads: clock", ours.wall, "s", GOAL, _known(other.wall))
    yield Measure("UNet step: processor", ours.cpu, "s", None, _known(other.cpu))
    if "diffusers" in timed:
        yield Measure("UNet step: processor time to diffusers", ours.cpu / other.cpu, "ratio", 1.0)
        apart = (results["ours"].float() - results["diffusers"].float()).square().mean().sqrt()
        scale = results["diffusers"].float().std()
        yield Measure("UNet step: difference to diffusers in bf16", float(apart / scale), "of std")


def diffusers_unet(weights: dict[str, Tensor]) -> nn.Module:
    """diffusers' UNet of Stable Diffusion 1.5 with these weights, channels last."""
    from diffusers import UNet2DConditionModel

    with torch.device("meta"):
        peer = UNet2DConditionModel(
            sample_size=64,
            cross_attention_dim=768,
            attention_head_dim=8,
            block_out_channels=(320, 640, 1280, 1280),
            down_block_types=(*["CrossAttnDownBlock2D"] * 3, "DownBlock2D"),
            up_block_types=("UpBlock2D", *["CrossAttnUpBlock2D"] * 3),
        )
    peer.load_state_dict(diffusers_names(weights, UNET_DIFFUSERS), assign=True)
    return peer.eval().to(memory_format=torch.channels_last)


def _known(seconds: float) -> float | None:
    return seconds if seconds < float("inf") else None


if __name__ == "__main__":
    report(measures, int(sys.argv[sys.argv.index("--runs") + 1]) if "--runs" in sys.argv else 4)
