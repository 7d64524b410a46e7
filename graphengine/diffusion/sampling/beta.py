"""Quantiles of the beta distribution, without scipy."""

import math


def beta_quantile(probability: float, a: float, b: float) -> float:
    """The value in 0..1 below which a beta(a, b) variable falls with ``probability``, to about 1e-12.

    Bisects the regularised incomplete beta function.
    """
    low, high = 0.0, 1.0
    if probability <= low or probability >= high:
        return min(max(probability, low), high)
    for _ in range(60):
        middle = (low + high) / 2
        if _incomplete_beta(middle, a, b) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _incomplete_beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b): NIST DLMF 8.17.8 and 8.17.4."""
    if x > 0.5:
        return 1 - _incomplete_beta(1 - x, b, a)
    if x == 0:
        return 0.0
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)) / a
    term = total = 1.0
    for n in range(200):  # x <= 1/2, so the series falls by a half a term
        term *= x * (a + b + n) / (a + 1 + n)
        total += term
    return front * total
