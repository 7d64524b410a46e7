"""What a network at unit variance outputs, turned into noise and clean latents.

Noisy latents are ``sqrt(a) clean + sqrt(1 - a) noise`` here, a being the step's ``alphas_cumprod``.
"""

from collections.abc import Callable

from torch import Tensor

from graphengine.diffusion.types import Prediction

Predict = Callable[[Tensor, Tensor], Tensor]
"""(x: B x C x h x w, timestep: B) -> what the network outputs, guided."""


def noise_and_clean(prediction: Prediction, output: Tensor, x: Tensor, a: Tensor) -> tuple[Tensor, Tensor]:
    """The noise and the clean latents that an output means, for ``a`` that broadcasts against ``x``."""
    signal, deviation = a.sqrt(), (1 - a).sqrt()
    if prediction is Prediction.EPS:
        return output, (x - deviation * output) / signal
    if prediction is Prediction.V:
        return signal * output + deviation * x, signal * x - deviation * output
    return (x - signal * output) / deviation, output


def guided(positive: Predict, negative: Predict, scale: float) -> Predict:
    """Classifier-free guidance on outputs (Ho & Salimans 2022, arXiv:2207.12598); at scale 1 without the negative."""
    if scale == 1:
        return positive

    def predict(x: Tensor, timestep: Tensor) -> Tensor:
        without = negative(x, timestep)
        return without + scale * (positive(x, timestep) - without)

    return predict
