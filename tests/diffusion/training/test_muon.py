import pytest
import torch
from torch import nn

from graphengine.diffusion.denoisers.unet import UNet, UNetConfig
from graphengine.diffusion.training.muon import Muon, is_hidden_matrix, muon_for, orthogonalized


@pytest.mark.parametrize("shape", [(3, 8, 20), (2, 20, 8), (1, 9, 9)])
def test_orthogonalizing_keeps_the_singular_vectors_and_evens_out_the_values(shape):
    matrices = torch.randn(shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    left, _, right = torch.linalg.svd(matrices, full_matrices=False)
    values = left.mT @ orthogonalized(matrices, steps=8) @ right.mT
    diagonal = values.diagonal(dim1=-2, dim2=-1)
    assert (diagonal > 0.6).all() and (diagonal < 1.3).all()
    torch.testing.assert_close(values, torch.diag_embed(diagonal), atol=1e-9, rtol=0)


def test_the_gram_form_is_the_newton_schulz_iteration_itself():
    matrix = torch.randn(1, 6, 15, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    iterate = matrix / matrix.norm()
    for _ in range(5):
        gram = iterate @ iterate.mT
        iterate = 3.4445 * iterate + (-4.7750 * gram + 2.0315 * gram @ gram) @ iterate
    torch.testing.assert_close(orthogonalized(matrix), iterate, atol=1e-6, rtol=0)


def test_the_other_group_takes_the_steps_of_adamw():
    mine, theirs = (nn.Parameter(torch.linspace(-1, 1, 7)) for _ in range(2))
    settings = {"lr": 0.01, "betas": (0.9, 0.99), "weight_decay": 0.1}
    optimizers = Muon([{"params": [mine], **settings}]), torch.optim.AdamW([theirs], **settings)
    for _ in range(5):
        for parameter, optimizer in zip((mine, theirs), optimizers, strict=True):
            parameter.grad = (parameter.detach() - 0.3) ** 3
            optimizer.step()
    torch.testing.assert_close(mine, theirs)


def test_a_matrix_moves_by_the_learning_rate_times_the_size_of_an_adamw_update():
    weight = nn.Parameter(torch.zeros(40, 40))
    weight.grad = torch.randn(40, 40, generator=torch.Generator().manual_seed(3))
    Muon([{"params": [weight], "orthogonal": True, "lr": 0.1}]).step()
    assert float(weight.detach().square().mean().sqrt()) == pytest.approx(0.1 * 0.2, rel=0.2)


def test_ends_embeddings_and_vectors_of_a_unet_are_left_to_adamw():
    unet = UNet(UNetConfig(channels=(8, 8), depths=(1, 0), context_width=4, heads=2, norm_groups=2, res_blocks=1))
    hidden = {name for name, parameter in unet.named_parameters() if is_hidden_matrix(name, parameter)}
    assert "input_blocks.1.0.in_layers.2.weight" in hidden
    assert "middle_block.1.transformer_blocks.0.attn2.to_k.weight" in hidden
    assert not {"input_blocks.0.0.weight", "out.2.weight", "time_embed.0.weight"} & hidden
    optimizer = muon_for(unet, 1e-3)
    assert sum(len(group["params"]) for group in optimizer.param_groups) == len(list(unet.parameters()))
