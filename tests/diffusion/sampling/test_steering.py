"""Guidance is changed as ComfyUI does it: latents that ComfyUI 0.8.0 computed with ``formula``, Euler, guidance 4."""

from itertools import pairwise
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from graphengine.diffusion.denoisers.unet import UNet
from graphengine.diffusion.denoisers.unet_config import UNetConfig
from graphengine.diffusion.sampling import steering
from graphengine.diffusion.sampling.guidance import Guided, Passes, classifier_free
from graphengine.diffusion.sampling.noise import start_noise
from graphengine.diffusion.types import Middle

from .formula import EMPTY, NEGATIVE, POSITIVE, estimate

COMPUTED = load_file(Path(__file__).parents[2] / "data/comfyui/guidance.safetensors")
SIGMAS = torch.tensor([6.0, 4.0, 2.0, 1.0])
NORM, EPSILON = steering.no_longer(0.8), steering.less_noise(1.01)
CASES = {
    "RescaleCFG": {"guider": steering.rescaled(0.7)},
    "APG": {"before": [lambda: steering.Projected(1.0, 5.0, 0.0)]},
    "APG momentum": {"before": [lambda: steering.Projected(0.5, 2.0, -0.5)]},
    "TCFG": {"before": [lambda: steering.damped]},
    "CFGZeroStar": {"after": [steering.zero_star]},
    "CFGNorm": {"after": [NORM]},
    "EpsilonScaling": {"after": [EPSILON]},
    "chain": {
        "before": [lambda: steering.damped],
        "after": [NORM, EPSILON, steering.zero_star],
        "guider": steering.rescaled(0.5),
    },
    "chain back": {
        "before": [lambda: steering.damped],
        "after": [steering.zero_star, EPSILON, NORM],
        "guider": steering.rescaled(0.5),
    },
    "PerpNeg": {"middle": Middle(EMPTY, 0.5, perpendicular=True)},
    "CFGNorm unguided": {"after": [NORM]},
    "EpsilonScaling unguided": {"after": [EPSILON]},
}


class Conditioned:
    """The formula under as many texts as there are."""

    def prepare(self, moved):
        return moved

    def __call__(self, x, sigma, *groups, hooks=()):
        return tuple(estimate(x, sigma, group) for group in groups)


def sampled(scale, guider=classifier_free, before=(), after=(), middle=None, batch=1):
    first = [make() for make in before]
    guided = Guided(Conditioned(), POSITIVE, NEGATIVE, scale, guider=guider, before=first, after=after, middle=middle)
    x = start_noise((batch, 4, 8, 8), 3) * SIGMAS[0]
    for sigma, sigma_next in pairwise(SIGMAS):
        denoised = guided(x, sigma.expand(batch))
        x = denoised + (x - denoised) * (sigma_next / sigma)
    return x


@pytest.mark.parametrize("case", CASES)
def test_guidance_is_changed_as_comfyui_does(case):
    made, expected = sampled(1.0 if "unguided" in case else 4.0, **CASES[case]), COMPUTED[case]
    assert (made - expected).abs().max() < 1e-4 * expected.std()


@pytest.mark.parametrize("case", [case for case in CASES if "unguided" not in case])
def test_each_picture_of_a_batch_is_guided_for_itself(case):
    both = sampled(4.0, **CASES[case], batch=2)
    assert torch.allclose(both[:1], sampled(4.0, **CASES[case]), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("case", ["APG", "TCFG"])
def test_without_guidance_there_is_nothing_to_change_before_it(case):
    assert torch.equal(sampled(1.0, **CASES[case]), sampled(1.0))


def test_without_any_scale_the_negative_stays():
    assert torch.allclose(sampled(0.0, **CASES["APG"]), sampled(0.0))


@torch.no_grad()
def test_in_the_middle_of_a_network_perturbed_tokens_see_only_themselves(monkeypatch):
    torch.manual_seed(0)
    network = UNet(UNetConfig(channels=(8, 16, 16, 16), context_width=12, heads=2, norm_groups=4)).eval()
    for value in network.parameters():
        torch.nn.init.normal_(value, std=0.3)
    given = (torch.randn(1, 4, 32, 32), torch.tensor([500.0]), torch.randn(1, 5, 12))
    plain, perturbed = network(*given), network(*given, hooks=[steering.Unattended()])
    layers = [module for name, module in network.middle_block.named_modules() if name.endswith(".attn1")]
    for layer in layers:
        monkeypatch.setattr(layer, "forward", lambda x, *_, of=layer: of.to_out(of.to_v(x)))
    assert layers
    assert not torch.allclose(perturbed, plain, rtol=1e-2)
    torch.testing.assert_close(perturbed, network(*given))


def test_perturbed_attention_leads_away_from_the_perturbed_pass():
    asked = []

    def again(hooks):
        asked.extend(hooks)
        return torch.full((1, 1, 1, 1), 5.0)

    one = torch.ones(1, 1, 1, 1)
    passes = Passes(one, one.flatten(), 7 * one, 3 * one, 4.0, again)
    assert steering.away_from_unattended(3.0)(passes, 20 * one).item() == 20 + 3 * (7 - 5)
    assert [type(hook) for hook in asked] == [steering.Unattended]
    assert steering.away_from_unattended(0.0)(passes, 20 * one).item() == 20 and len(asked) == 1
