"""Exponential integrators: one step of any DPM-Solver, from estimates at several noise levels.

Time is ``t = -log sigma`` (half the log signal-to-noise ratio). In it the probability flow is a linear part, solved
exactly, and the network's estimate, replaced by the first terms of its Taylor series: Lu et al. 2022
(arXiv:2206.00927 for estimates of the noise, arXiv:2211.01095 for estimates of the clean latents). Both read

    x(t + h) = carry * x(t) - scale * (psi_1(z) * e + psi_2(z) * e' h + psi_3(z) * e'' h^2 + ...)

for the estimate e and its derivatives by t; with the noise, z is h, carry 1 and scale sigma(t + h); with the clean
latents, z is -h, carry exp(-h) and scale 1.
"""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

Estimate = Literal["noise", "clean"]


def psi(order: int, z: Tensor) -> Tensor:
    """psi_1(z) = e^z - 1, and psi_(k+1)(z) = psi_k(z) / z - 1 / k! (so, z times the usual phi_k)."""
    value, factorial = torch.expm1(z), 1
    for k in range(1, order):
        factorial *= k
        value = value / z - 1 / factorial
    return value


def advance(estimate: Estimate, x: Tensor, t: Tensor, h: Tensor, terms: Sequence[Tensor]) -> Tensor:
    """One step of length ``h``.

    Args:
        estimate: What ``terms`` are of.
        x: Latents at ``t``.
        t: ``-log sigma``, 0-d.
        h: Length of the step, 0-d.
        terms: The estimate, then its first and second derivative times h and h^2, as far as the order goes.
    """
    z = h if estimate == "noise" else -h
    scale = torch.exp(-(t + h)) if estimate == "noise" else 1.0
    if estimate == "clean":
        x = torch.exp(z) * x
    for k, term in enumerate(terms, start=1):
        x = x - (scale * psi(k, z)) * term
    return x


def derivatives(estimates: Sequence[Tensor], times: Sequence[Tensor], h: Tensor) -> list[Tensor]:
    """The terms of ``advance`` from up to three estimates by divided differences, the newest first.

    Args:
        estimates: At ``times``.
        times: ``-log sigma`` of each, 0-d, in any order; the derivatives are taken at the first.
        h: The length of the step they are scaled to.
    """
    newest = estimates[0]
    if len(estimates) == 1:
        return [newest]
    reaches = [(times[0] - time) / h for time in times[1:]]
    slopes = [(newest - other) / reach for other, reach in zip(estimates[1:], reaches, strict=True)]
    if len(slopes) == 1:
        return [newest, slopes[0]]
    near, far = reaches
    curve = (slopes[0] - slopes[1]) / (far - near)
    return [newest, slopes[0] + curve * near, 2 * curve]
