"""Muon: momentum whose update is made orthogonal, matrix by matrix (Jordan 2024, kellerjordan.github.io/posts/muon).

The update is scaled to the size AdamW's has (Liu et al. 2025, arXiv:2502.16982, section 2.2), so learning rates carry
over. Vectors, embeddings, first and last layers take AdamW itself.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

QUINTIC = (3.4445, -4.7750, 2.0315)  # of the Newton-Schulz iteration, from the post
UPDATE_SIZE = 0.2  # root mean square of AdamW's updates, as measured in section 2.2
ENDS = ("conv_in", "conv_out", "quant_conv", "embedding", "time_embed", "input_blocks.0.0", "out.2", "lora_")
"""Parts of the names of matrices that are not between hidden features, or of low rank; they are left to AdamW."""


def orthogonalized(matrices: Tensor, steps: int = 5) -> Tensor:
    """The nearest semi-orthogonal matrices, B x R x C, roughly: singular values end between 0.7 and 1.2.

    The iterates are polynomials in the Gram matrix times the input, so only the small Gram matrices are iterated.
    """
    if matrices.shape[-2] > matrices.shape[-1]:
        return orthogonalized(matrices.mT, steps).mT
    matrices = matrices / (matrices.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    gram = matrices @ matrices.mT
    product = _newton_schulz_factor(gram)
    for _ in range(steps - 1):
        product = _newton_schulz_factor(product @ gram @ product) @ product
    return product @ matrices


def _newton_schulz_factor(gram: Tensor) -> Tensor:
    """What one iteration multiplies its matrix with, given that matrix' B x R x R Gram matrix."""
    a, b, c = QUINTIC
    linear = a * torch.eye(gram.shape[-1], dtype=gram.dtype, device=gram.device) + b * gram
    return torch.baddbmm(linear, gram, gram, alpha=c)


class Muon(torch.optim.Optimizer):
    """Muon for the groups marked ``orthogonal``, AdamW for the others.

    Args:
        groups: As for any optimiser; ``orthogonal`` groups take ``momentum``, the others ``betas``; both take ``lr``
            and a decoupled ``weight_decay``. Kernels count as matrices of one row per output.
    """

    def __init__(self, groups: Iterable[dict[str, Any]], lr: float = 1e-3) -> None:
        super().__init__(
            groups,
            {"lr": lr, "momentum": 0.95, "betas": (0.9, 0.99), "eps": 1e-8, "weight_decay": 0.0, "orthogonal": False},
        )

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        loss = closure() if closure else None
        for group in self.param_groups:
            with_gradient = [parameter for parameter in group["params"] if parameter.grad is not None]
            (self._orthogonal_step if group["orthogonal"] else self._adam_step)(with_gradient, group)
        return loss

    def _orthogonal_step(self, parameters: Sequence[Tensor], group: dict[str, Any]) -> None:
        by_shape: dict[tuple[int, int], list[Tensor]] = defaultdict(list)
        for parameter in parameters:
            by_shape[parameter.shape[0], parameter[0].numel()].append(parameter)
        for shape, equal in by_shape.items():
            updates = torch.stack([self._momentum(parameter, group).reshape(shape) for parameter in equal])
            scale = group["lr"] * UPDATE_SIZE * max(shape) ** 0.5
            for parameter, update in zip(equal, orthogonalized(updates), strict=True):
                parameter.mul_(1 - group["lr"] * group["weight_decay"])
                parameter.add_(update.reshape(parameter.shape), alpha=-scale)

    def _momentum(self, parameter: Tensor, group: dict[str, Any]) -> Tensor:
        """The gradient's moving average, looked at one step ahead (Nesterov)."""
        assert parameter.grad is not None
        state = self.state[parameter]
        if not state:
            state["average"] = torch.zeros_like(parameter)
        average = state["average"].lerp_(parameter.grad, 1 - group["momentum"])
        return parameter.grad.lerp(average, group["momentum"])

    def _adam_step(self, parameters: Sequence[Tensor], group: dict[str, Any]) -> None:
        """Loshchilov and Hutter 2019 (arXiv:1711.05101), algorithm 2."""
        first_decay, second_decay = group["betas"]
        for parameter in parameters:
            assert parameter.grad is not None
            state = self.state[parameter]
            if not state:
                state.update(step=0, mean=torch.zeros_like(parameter), square=torch.zeros_like(parameter))
            state["step"] += 1
            mean = state["mean"].lerp_(parameter.grad, 1 - first_decay) / (1 - first_decay ** state["step"])
            state["square"].mul_(second_decay).addcmul_(parameter.grad, parameter.grad, value=1 - second_decay)
            deviation = (state["square"] / (1 - second_decay ** state["step"])).sqrt_().add_(group["eps"])
            parameter.mul_(1 - group["lr"] * group["weight_decay"])
            parameter.addcdiv_(mean, deviation, value=-group["lr"])


def muon_for(module: nn.Module, lr: float, *, adam_share: float = 0.7, weight_decay: float = 0.01) -> Muon:
    """Muon for a network's hidden matrices and kernels, AdamW at ``adam_share`` of the rate for everything else."""
    trained = [(name, parameter) for name, parameter in module.named_parameters() if parameter.requires_grad]
    hidden = [parameter for name, parameter in trained if is_hidden_matrix(name, parameter)]
    others = [parameter for name, parameter in trained if not is_hidden_matrix(name, parameter)]
    return Muon(
        [
            {"params": hidden, "lr": lr, "weight_decay": weight_decay, "orthogonal": True},
            {"params": others, "lr": lr * adam_share},
        ]
    )


def is_hidden_matrix(name: str, parameter: Tensor) -> bool:
    """Whether Muon takes this parameter: a matrix or kernel between hidden features."""
    return parameter.dim() >= 2 and not any(end in name for end in ENDS)
