"""PLMS in training steps: Liu et al. 2022 (arXiv:2202.09778), as CompVis samples with it."""

from collections import deque

import torch
from torch import Tensor

from graphengine.diffusion.sampling.denoiser import OnStep, ignore_step
from graphengine.diffusion.sampling.ldm.ddim import DDIMSteps
from graphengine.diffusion.sampling.ldm.prediction import Predict, noise_and_clean
from graphengine.diffusion.sampling.samplers.multistep import ADAMS_BASHFORTH
from graphengine.diffusion.types import Prediction


@torch.no_grad()
def plms(
    predict: Predict,
    x: Tensor,
    steps: DDIMSteps,
    *,
    prediction: Prediction = Prediction.EPS,
    on_step: OnStep = ignore_step,
) -> Tensor:
    """DDIM's steps with the noise extrapolated from up to three steps before.

    The first step takes the mean of the noise at its two ends, which costs one evaluation more.

    Args:
        predict: The guided network.
        x: Noise, B x C x h x w.
        steps: Which to visit, made with eta 0.
        prediction: What ``predict`` outputs.
        on_step: Told the step from 0, x after it, and its clean estimate.
    """

    def noise_at(x: Tensor, index: int) -> Tensor:
        output = predict(x, steps.timesteps[index].to(x.device).expand(len(x)))
        return noise_and_clean(prediction, output, x, steps.alphas[index])[0]

    def moved(x: Tensor, eps: Tensor, index: int) -> tuple[Tensor, Tensor]:
        _, denoised = noise_and_clean(Prediction.EPS, eps, x, steps.alphas[index])
        a_prev = steps.alphas_prev[index]
        return a_prev.sqrt() * denoised + (1 - a_prev).sqrt() * eps, denoised

    history: deque[Tensor] = deque(maxlen=4)
    for step, index in enumerate(reversed(range(len(steps)))):
        history.appendleft(noise_at(x, index))
        if step == 0:
            x_next, _ = moved(x, history[0], index)
            eps = (history[0] + noise_at(x_next, max(index - 1, 0))) / 2
        else:
            weights = ADAMS_BASHFORTH[len(history) - 1]
            eps = sum((w * past for w, past in zip(weights, history, strict=True)), start=torch.zeros_like(x))
        x, denoised = moved(x, eps, index)
        on_step(step, x, denoised)
    return x
