import pytest
import torch

from graphengine.diffusion.types import Latents

KINDS = {
    "RescaleCFG": ("guiders", 0.7), "APG": ("before_guidance", 0.5, 1.0, -0.5), "TCFG": ("before_guidance",),
    "CFGZeroStar": ("after_guidance",), "CFGNorm": ("after_guidance", 0.8), "EpsilonScaling": ("after_guidance", 1.1),
    "PerturbedAttentionGuidance": ("after_guidance", 1000.0),
}  # fmt: skip


def patched(call, model, kind):
    _, *options = KINDS[kind]
    made = call("steering", kind, model, *options)
    return made[0] if isinstance(made, tuple) else made


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_is_sampled_with_the_changed_guidance(call, tiny, kind):
    texts = [call("text", "CLIPTextEncode", tiny.clip, text) for text in ("a red ball", "blurry")]

    def latents(model):
        empty = Latents(torch.zeros(1, 4, 8, 8))
        return call("sampling", "KSampler", model, *texts, empty, steps=2, cfg=100.0).samples

    model = patched(call, tiny.model, kind)
    assert latents(model).isfinite().all()
    assert not torch.equal(latents(model), latents(tiny.model))
    assert torch.equal(latents(model), latents(model))  # nothing is left from the sampling before


def test_changes_add_up_and_leave_the_model_they_were_made_of(call, tiny):
    model = tiny.model
    for kind in KINDS:
        model = patched(call, model, kind)
    counts = {field: sum(place == field for place, *_ in KINDS.values()) for field, *_ in KINDS.values()}
    assert {field: len(getattr(model, field)) for field in counts} == counts
    assert not any(getattr(tiny.model, field) for field in counts)


def test_a_guider_holds_what_perp_neg_is_made_of(call, tiny):
    texts = [call("text", "CLIPTextEncode", tiny.clip, text) for text in ("a red ball", "blurry", "")]
    guider = call("noise", "PerpNegGuider", tiny.model, *texts, 5.0, 0.25)
    assert (guider.positive, guider.negative, guider.scale) == (*texts[:2], 5.0)
    middle = guider.middle
    assert (middle.conditioning, middle.scale, middle.perpendicular) == (texts[2], 0.25, True)


def test_a_soft_mask_says_when_places_change(call, tiny):
    texts = [call("text", "CLIPTextEncode", tiny.clip, text) for text in ("a red ball", "blurry")]
    soft = Latents(torch.zeros(1, 4, 8, 8), mask=torch.linspace(0, 1, 64).expand(1, 64, 64))

    def latents(model):
        return call("sampling", "KSampler", model, *texts, soft, steps=4, cfg=1.0).samples

    plain, all_at_once = latents(tiny.model), call("model_sampling", "DifferentialDiffusion", tiny.model, 0.0)
    assert torch.equal(latents(all_at_once), plain)
    assert not torch.allclose(latents(call("model_sampling", "DifferentialDiffusion", tiny.model)), plain, atol=0.1)
