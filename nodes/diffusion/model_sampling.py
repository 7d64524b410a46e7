"""What a model was trained to output, and with which noise."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from graphengine.api import node
from graphengine.diffusion.sampling.consistency import distilled
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
