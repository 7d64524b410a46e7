"""Training schedules that end on pure noise."""

from torch import Tensor

LAST = 4.8973451890853435e-08  # in place of 0, where the noise level would be infinite: a level of about 4518


def with_zero_snr(alphas_cumprod: Tensor) -> Tensor:
    """Shift and stretch a schedule so that its last step is (all but) pure noise.

    Lin et al. 2023 (arXiv:2305.08891), algorithm 1: the square roots keep their first value and end on 0.
    """
    roots = alphas_cumprod.double().sqrt()
    rescaled = ((roots - roots[-1]) * (roots[0] / (roots[0] - roots[-1]))) ** 2
    rescaled[-1] = LAST
    return rescaled.float()
