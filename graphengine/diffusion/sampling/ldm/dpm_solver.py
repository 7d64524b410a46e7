"""DPM-Solver in continuous time, as the authors' code and Stable Diffusion's repositories sample with it.

Lu et al. 2022 (arXiv:2206.00927 and arXiv:2211.01095). Time runs from 1 to 1 / N over N training steps; the network is
asked at fractional steps. Latents are divided by their signal's scale while stepping, where both papers' updates
become those of ``samplers.exponential``; ``lam`` is half the log signal-to-noise ratio.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from graphengine.diffusion.sampling.ldm.prediction import Predict, noise_and_clean
from graphengine.diffusion.sampling.samplers.exponential import Estimate, advance, derivatives
from graphengine.diffusion.types import Prediction

Spacing = Literal["time_uniform", "time_quadratic", "logSNR"]
Method = Literal["multistep", "singlestep", "singlestep_fixed", "adaptive"]


class ContinuousSchedule:
    """A training schedule at any time in 1 / N .. 1: log alpha is linear between the training steps."""

    def __init__(self, alphas_cumprod: Tensor) -> None:
        self.log_alphas = alphas_cumprod.double().cpu().log().numpy() / 2
        self.times = np.arange(1, len(self.log_alphas) + 1) / len(self.log_alphas)

    def lam(self, time: float) -> Tensor:
        """Half the log signal-to-noise ratio, 0-d float64."""
        log_alpha = torch.tensor(np.interp(time, self.times, self.log_alphas))
        return log_alpha - torch.log(-torch.expm1(2 * log_alpha)) / 2

    def time(self, lam: Tensor) -> float:
        """The inverse of ``lam``."""
        log_alpha = -float(torch.logaddexp(torch.zeros_like(lam), -2 * lam)) / 2
        return float(np.interp(log_alpha, self.log_alphas[::-1], self.times[::-1]))

    def timestep(self, lam: Tensor) -> float:
        """What the network is asked at."""
        return (self.time(lam) - 1 / len(self.times)) * 1000

    def nodes(self, spacing: Spacing, start: Tensor, end: Tensor, steps: int) -> list[Tensor]:
        """``steps + 1`` values of lam from ``start`` to ``end``, both included."""
        if spacing == "logSNR":
            return list(torch.linspace(float(start), float(end), steps + 1, dtype=torch.float64))
        power = {"time_uniform": 1, "time_quadratic": 2}[spacing]
        roots = np.linspace(self.time(start) ** (1 / power), self.time(end) ** (1 / power), steps + 1)
        return [start, *(self.lam(time) for time in roots[1:-1] ** power), end]


@dataclass(frozen=True)
class DPMSolver:
    """A network and how to integrate it; the defaults are those of Stable Diffusion's sampler.

    Attributes:
        predict: The guided network.
        schedule: Of its training.
        prediction: What it outputs.
        estimate: Extrapolate the noise (DPM-Solver) or the clean latents (DPM-Solver++).
        solver_type: ``dpm_solver`` is the papers' choice of weights, ``taylor`` the series as it is.
        thresholding: Clamp the clean latents at the 99.5 % quantile of their size, if above 1, and divide by it.
    """

    predict: Predict
    schedule: ContinuousSchedule
    prediction: Prediction = Prediction.EPS
    estimate: Estimate = "clean"
    solver_type: Literal["dpm_solver", "taylor"] = "dpm_solver"
    thresholding: bool = False

    @torch.no_grad()
    def sample(
        self,
        x: Tensor,
        steps: int,
        *,
        order: int = 2,
        method: Method = "multistep",
        skip_type: Spacing = "time_uniform",
        lower_order_final: bool = True,
        denoise_to_zero: bool = False,
        atol: float = 0.0078,
        rtol: float = 0.05,
    ) -> Tensor:
        """Integrate from noise.

        Args:
            x: Noise of unit variance, B x C x h x w.
            steps: Evaluations of the network; ``adaptive`` ignores it.
            order: 1 to 3.
            method: How estimates are combined to an order.
            skip_type: How times are spaced.
            lower_order_final: With fewer than 15 steps, end multistep runs with lower orders.
            denoise_to_zero: End with a clean estimate, one more evaluation; else a little noise remains.
            atol, rtol: The error a step of ``adaptive`` may make.

        Returns:
            Latents at the first training step's noise, or clean ones.
        """
        start, end = self.schedule.lam(1.0), self.schedule.lam(self.schedule.times[0])
        x = x / _alpha(start)
        if method == "adaptive":
            x = self._adaptive(x, start, end, order, atol, rtol)
        elif method == "multistep":
            nodes = self.schedule.nodes(skip_type, start, end, steps)
            x = self._multistep(x, nodes, order, lower_order_final and steps < 15)
        else:
            orders = _orders(steps, order, fixed=method == "singlestep_fixed")
            outer = pairwise(self._outer(skip_type, start, end, orders))
            for (left, right), of_step in zip(outer, orders, strict=True):
                x = self._singlestep(x, self.schedule.nodes(skip_type, left, right, of_step), [])
        return self._both(x, end)[1] if denoise_to_zero else x * _alpha(end)

    def _both(self, x: Tensor, lam: Tensor) -> tuple[Tensor, Tensor]:
        """The noise and the clean latents at ``lam``."""
        a = _alpha(lam) ** 2
        x = x * _alpha(lam)
        output = self.predict(x, x.new_full((len(x),), self.schedule.timestep(lam)))
        noise, clean = noise_and_clean(self.prediction, output, x, a)
        return noise, _thresholded(clean) if self.thresholding else clean

    def _evaluate(self, x: Tensor, lam: Tensor) -> Tensor:
        noise, clean = self._both(x, lam)
        return noise if self.estimate == "noise" else clean

    def _multistep(self, x: Tensor, nodes: Sequence[Tensor], order: int, lower_at_end: bool) -> Tensor:
        estimates, times = deque(maxlen=order), deque(maxlen=order)  # type: deque[Tensor], deque[Tensor]
        for step, (lam, lam_next) in enumerate(pairwise(nodes)):
            estimates.appendleft(self._evaluate(x, lam))
            times.appendleft(lam)
            used = min(order, step + 1, len(nodes) - 1 - step if lower_at_end else order)
            h = lam_next - lam
            terms = derivatives(list(estimates)[:used], list(times)[:used], h)
            if used == 3:
                terms[2] = terms[2] / 2  # as in the authors' code, though their series would not halve it
            x = self._advanced(x, lam, h, terms)
        return x

    def _singlestep(self, x: Tensor, nodes: Sequence[Tensor], estimates: list[Tensor]) -> Tensor:
        """One step over ``nodes``: its start, where to evaluate between, its end.

        ``estimates`` are those already made at the first nodes; those made here are appended.
        """
        start, h = nodes[0], nodes[-1] - nodes[0]
        if not estimates:
            estimates.append(self._evaluate(x, start))
        for made in range(len(estimates), len(nodes) - 1):
            reach = nodes[made] - start
            terms = derivatives(estimates[:made], nodes[:made], reach)
            estimates.append(self._evaluate(advance(self.estimate, x, start, reach, terms), nodes[made]))
        if self.solver_type == "dpm_solver" and len(nodes) == 4:
            terms = derivatives([estimates[0], estimates[2]], [start, nodes[2]], h)
            return advance(self.estimate, x, start, h, terms)
        return self._advanced(x, start, h, derivatives(estimates[: len(nodes) - 1], nodes[:-1], h))

    def _advanced(self, x: Tensor, lam: Tensor, h: Tensor, terms: Sequence[Tensor]) -> Tensor:
        if self.solver_type == "dpm_solver" and len(terms) == 2:
            terms = [terms[0] + terms[1] / 2]
        return advance(self.estimate, x, lam, h, terms)

    def _adaptive(self, x: Tensor, start: Tensor, end: Tensor, order: int, atol: float, rtol: float) -> Tensor:
        """DPM-Solver-12 or -23: arXiv:2206.00927, appendix C."""
        if order not in (2, 3):
            raise ValueError(f"the adaptive solver of order {order}: it is 2 or 3")
        lam, h, x_last = start, torch.tensor(0.05, dtype=torch.float64), x * _alpha(start)
        while self.schedule.time(lam) - self.schedule.times[0] > 1e-5:
            parts = [lam + h * part / order for part in range(order)]
            estimates: list[Tensor] = []
            low = self._singlestep(x, [*parts[: order - 1], lam + h], estimates)
            high = self._singlestep(x, [*parts, lam + h], estimates)
            scale = _alpha(lam + h)
            allowed = (rtol * torch.maximum((low * scale).abs(), x_last.abs())).clamp(min=atol)
            error = float(((high - low) * scale / allowed).flatten(1).square().mean(1).sqrt().max())
            if error <= 1:
                lam, x, x_last = lam + h, high, low * scale
            h = torch.minimum(0.9 * h * error ** (-1 / order), end - lam)
        return x

    def _outer(self, spacing: Spacing, start: Tensor, end: Tensor, orders: Sequence[int]) -> list[Tensor]:
        """The ends of all single steps: even, or (in time) as far apart as the evaluations between them."""
        if spacing == "logSNR" or len(set(orders)) == 1:
            return self.schedule.nodes(spacing, start, end, len(orders))
        fine = self.schedule.nodes(spacing, start, end, sum(orders))
        return [fine[place] for place in np.cumsum([0, *orders])]


def _alpha(lam: Tensor) -> Tensor:
    return torch.sigmoid(2 * lam).sqrt()


def _thresholded(clean: Tensor) -> Tensor:
    """Dynamic thresholding: Saharia et al. 2022 (arXiv:2205.11487), section 2.3."""
    size = torch.quantile(clean.abs().flatten(1), 0.995, dim=1).clamp(min=1)
    size = size.view(-1, *[1] * (clean.dim() - 1))
    return clean.clamp(-size, size) / size


def _orders(steps: int, order: int, *, fixed: bool) -> list[int]:
    """Orders of single steps that take ``steps`` evaluations in all."""
    whole, rest = divmod(steps, order)
    if fixed:
        return [order] * whole
    if order == 3 and rest == 0:
        return [3] * (whole - 1) + [2, 1]
    return [order] * whole + ([rest] if rest else [])
