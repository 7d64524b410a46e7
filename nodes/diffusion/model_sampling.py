"""What a model was trained to output and with which noise, and how it takes masks."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Literal

from graphengine.api import Range, node
from graphengine.diffusion.sampling.consistency import distilled
from graphengine.diffusion.sampling.inpaint import progressive
from graphengine.diffusion.sampling.zero_snr import with_zero_snr
from graphengine.diffusion.types import Prediction
from graphengine.ports import Model

PREDICTIONS: Mapping[str, Prediction] = {
    "eps": Prediction.EPS,
    "v_prediction": Prediction.V,
    "x0": Prediction.X0,
}


@node(category="advanced/model")
def ModelSamplingDiscrete(
    model: Model, sampling: Literal["eps", "v_prediction", "lcm", "x0"] = "eps", zsnr: bool = False
) -> Model:
    """Say how a model was trained, where its file does not.

    Args:
        sampling: What it outputs: the noise, the velocity, or the clean picture; lcm is for consistency models.
        zsnr: Its schedule ends on pure noise (zero terminal signal-to-noise ratio).
    """
    schedule = with_zero_snr(model.alphas_cumprod) if zsnr else model.alphas_cumprod
    trained = replace(model, alphas_cumprod=schedule)
    return distilled(trained) if sampling == "lcm" else replace(trained, prediction=PREDICTIONS[sampling])


@node(category="_for_testing", title="Differential Diffusion")
def DifferentialDiffusion(model: Model, strength: Annotated[float, Range(0.0, 1.0, 0.01)] = 1.0) -> Model:
    """Let soft masks say when each place begins to change: where they are lighter, earlier (Levin & Fried 2023).

    Args:
        strength: How much so; at 0 places are mixed with the original all the time, as without this node.
    """
    return replace(model, mask_rule=progressive(strength))
