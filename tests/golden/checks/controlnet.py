"""ControlNet: its features alone, and the UNet that takes them."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ddim import ddim, ddim_timesteps
from graphengine.diffusion.types import Residuals
from harness import Case, Outputs, golden
from networks import control_network, unet


def scaled(control: Residuals, scales: Sequence[float], only_middle: bool = False) -> Residuals:
    skips = [] if only_middle else [skip * scale for skip, scale in zip(control.skips, scales, strict=False)]
    return Residuals(skips=skips, middle=control.middle * scales[-1])


@golden("controlnet")
def controlnet(case: Case) -> Outputs:
    network, control_model, given = unet(case), control_network(case), case.inputs
    x, timestep, context, hint = given["x"], given["t"], given["context"], given["hint"]
    control = control_model(x, timestep, context, hint)
    features = [*control.skips, control.middle]
    count, config = len(features), case.config
    guess = [config["guess_mode_strength"] * 0.825 ** float(count - 1 - i) for i in range(count)]

    yield "count", torch.tensor([count])
    for index, feature in enumerate(features):
        yield f"control_{index}", feature
    yield "hint_features", control_model.input_hint_block(hint)
    for strength in config["strengths"]:
        residuals = scaled(control, [strength] * count)
        yield f"eps_strength_{strength}", network(x, timestep, context, residuals=residuals)
    yield "guess_mode_scales", torch.tensor(guess, dtype=torch.float64)
    yield "eps_guess_mode", network(x, timestep, context, residuals=scaled(control, guess))
    yield "eps_only_mid_control", network(x, timestep, context, residuals=scaled(control, [1.0] * count, True))
    yield "eps_no_control", network(x, timestep, context)

    def sample(scales: Sequence[float], controlled_uncond: bool) -> Tensor:
        def predict(x: Tensor, timestep: Tensor, context: Tensor, controlled: bool) -> Tensor:
            residuals = scaled(control_model(x, timestep, context, hint), scales) if controlled else None
            return network(x, timestep, context, residuals=residuals)

        def eps(x: Tensor, timestep: Tensor) -> Tensor:
            wanted = predict(x, timestep, context, True)
            without = predict(x, timestep, given["uncond"], controlled_uncond)
            return without + config["sampling"]["guidance_scale"] * (wanted - without)

        alphas_cumprod = case.weights()["alphas_cumprod"]
        timesteps = ddim_timesteps(config["sampling"]["steps"], alphas_cumprod)
        return list(ddim(eps, given["x_T"], timesteps, alphas_cumprod))[-1]

    yield "sample", sample([1.0] * count, True)
    yield "sample_guess_mode", sample(guess, False)


@golden("controlnet_global_average_pooling")
def controlnet_global_average_pooling(case: Case) -> Outputs:
    given = case.inputs
    control = control_network(case)(given["x"], given["t"], given["context"], given["hint"])
    scales = [case.config["strength"]] * (len(control.skips) + 1)
    residuals = scaled(control, scales)
    mean = Residuals(
        skips=[skip.mean(dim=(2, 3), keepdim=True) for skip in residuals.skips],
        middle=residuals.middle.mean(dim=(2, 3), keepdim=True),
    )
    yield "eps", unet(case)(given["x"], given["t"], given["context"], residuals=mean)
