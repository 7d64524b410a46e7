import pytest
import torch

from graphengine.diffusion.attention import attention


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("fused", [False, True, None])
def test_attention_is_torchs_multi_head_attention_without_its_projections(causal, fused):
    torch.manual_seed(0)
    width, heads, length = 12, 3, 5
    q, k, v = torch.randn(3, 2, length, width, dtype=torch.float64)
    reference = torch.nn.MultiheadAttention(width, heads, bias=False, batch_first=True, dtype=torch.float64)
    reference.in_proj_weight.data = torch.eye(width, dtype=torch.float64).repeat(3, 1)
    reference.out_proj.weight.data = torch.eye(width, dtype=torch.float64)
    mask = torch.ones(length, length, dtype=torch.bool).triu(1) if causal else None
    expected, _ = reference(q, k, v, attn_mask=mask)
    torch.testing.assert_close(attention(q, k, v, heads, causal=causal, fused=fused), expected)


def test_training_and_inference_take_different_paths_to_the_same_values_and_gradients():
    torch.manual_seed(0)
    q, k, v = (x.requires_grad_() for x in torch.randn(3, 1, 4, 8, dtype=torch.float64))
    gradients = []
    for fused in (None, True):
        loss = attention(q, k, v, heads=2, fused=fused).square().sum()
        gradients.append(torch.autograd.grad(loss, (q, k, v)))
    torch.testing.assert_close(gradients[0], gradients[1])
