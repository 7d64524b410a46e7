import math
from dataclasses import replace
from typing import get_args

import pytest
import torch

from graphengine.api import Cancelled, NodeError, Progress
from graphengine.diffusion.sampling.samplers import SAMPLERS
from graphengine.diffusion.sampling.schedules import SCHEDULES
from graphengine.diffusion.types import Latents


@pytest.fixture(scope="module")
def texts(call, tiny):
    return tuple(call("text", "CLIPTextEncode", tiny.clip, text) for text in ("a red ball", "blurry"))


@pytest.fixture
def ksampler(call, tiny, texts):
    """``KSampler`` on small empty latents, with changes by name."""

    def run(**changes):
        empty = Latents(torch.zeros(1, 4, 8, 8))
        given = {"model": tiny.model, "positive": texts[0], "negative": texts[1], "latent_image": empty, "steps": 3}
        return call("sampling", "KSampler", **{**given, **changes}).samples

    return run


def test_the_choices_are_those_of_the_registries(nodes):
    assert get_args(nodes("diffusion", "samplers").Name) == tuple(SAMPLERS)
    assert get_args(nodes("diffusion", "schedules").Schedule) == tuple(SCHEDULES)


def test_one_euler_step_is_the_denoised_start(ksampler, tiny, texts, services):
    """With sigmas (s, 0) Euler ends on the estimate itself, which is written out here."""
    sampled = ksampler(steps=1, cfg=3.0, seed=5)
    a = tiny.model.alphas_cumprod[-1]
    sigma = ((1 - a) / a).sqrt()
    x = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(5)) * (1 + sigma**2).sqrt()
    with services["devices"].use(tiny.model.part) as network, torch.no_grad():
        scaled, timestep = x / (1 + sigma**2).sqrt(), torch.tensor([999.0])
        wanted, unwanted = (x - sigma * network(scaled, timestep, side[0].context) for side in texts)
    assert torch.allclose(sampled, (unwanted + 3 * (wanted - unwanted)) / 0.18215, rtol=1e-4, atol=1e-3)


def test_a_seed_gives_the_same_latents_and_another_one_others(ksampler):
    assert torch.equal(ksampler(seed=1), ksampler(seed=1))
    assert not torch.equal(ksampler(seed=1), ksampler(seed=2))


@pytest.mark.parametrize("name", [name for name in SAMPLERS if not name.endswith("_gpu")])
def test_every_sampler_samples(ksampler, name):
    latents = ksampler(sampler_name=name, scheduler="karras", steps=4, cfg=1.5)
    assert latents.shape == (1, 4, 8, 8) and latents.isfinite().all()


@pytest.mark.parametrize("name", ["euler", "dpmpp_2m", "dpmpp_2m_sde", "lms", "uni_pc", "res_multistep"])
def test_levels_that_a_schedule_repeats_are_no_steps(ksampler, name):
    """20 steps in the last hundredth of 1,000 training steps: there are ten."""
    source = Latents(torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(0)))
    settings = {"sampler_name": name, "latent_image": source, "denoise": 0.01, "cfg": 1.0}
    assert torch.allclose(
        ksampler(**settings, steps=20), ksampler(**settings, steps=10), atol=1e-3
    )  # some leave one out


def test_a_result_that_is_no_number_fails(ksampler):
    with pytest.raises(NodeError, match="no numbers"):
        ksampler(latent_image=Latents(torch.full((1, 4, 8, 8), 1e38)), denoise=0.5, sampler_name="dpmpp_2m")


@pytest.mark.parametrize("name", list(SCHEDULES))
def test_every_schedule_descends_to_zero(call, tiny, name):
    sigmas = call("schedules", "BasicScheduler", tiny.model, name, 5)
    assert (sigmas.diff() < 0).all() and sigmas[-1] == 0


def test_without_denoising_the_latents_stay(ksampler):
    picture = Latents(torch.randn(1, 4, 8, 8))
    assert torch.equal(ksampler(latent_image=picture, denoise=0.0), picture.samples)


def test_what_is_masked_stays(ksampler):
    mask = torch.zeros(1, 64, 64)
    mask[:, :, :32] = 1
    picture = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(3))
    changed = ksampler(latent_image=Latents(picture, mask=mask), sampler_name="euler_ancestral")
    assert torch.allclose(changed[..., 5:], picture[..., 5:], atol=1e-4)
    assert not torch.allclose(changed[..., :3], picture[..., :3], atol=1e-2)


def test_an_image_of_a_batch_is_the_image_sampled_alone(ksampler):
    batch = ksampler(latent_image=Latents(torch.zeros(2, 4, 8, 8), batch_index=(0, 1)), seed=4)
    alone = ksampler(latent_image=Latents(torch.zeros(1, 4, 8, 8), batch_index=(1,)), seed=4)
    assert torch.allclose(batch[1:], alone, atol=1e-3)


def test_steps_shared_by_two_samplers_give_what_one_gives(call, tiny, texts):
    def advanced(latents, **named):
        return call("sampling", "KSamplerAdvanced", tiny.model, *texts, latents, steps=4, noise_seed=7, **named)

    empty = Latents(torch.zeros(1, 4, 8, 8))
    half = advanced(empty, end_at_step=2, return_with_leftover_noise="enable")
    done = advanced(half, add_noise="disable", start_at_step=2)
    whole = advanced(empty)
    assert torch.allclose(done.samples, whole.samples, rtol=1e-3, atol=1e-3)


def test_the_custom_sampler_with_the_same_parts_is_the_ksampler(call, ksampler, tiny, texts):
    expected = ksampler(seed=9, cfg=4.0, sampler_name="dpmpp_2m", scheduler="karras")
    sigmas = call("schedules", "BasicScheduler", tiny.model, "karras", 3)
    sampler = call("samplers", "KSamplerSelect", "dpmpp_2m")
    guider = call("noise", "CFGGuider", tiny.model, *texts, 4.0)
    noise = call("noise", "RandomNoise", 9)
    empty = Latents(torch.zeros(1, 4, 8, 8))
    output, denoised = call("sampling", "SamplerCustomAdvanced", noise, guider, sampler, sigmas, empty)
    assert torch.equal(output.samples, expected) and torch.allclose(denoised.samples, expected, rtol=1e-4, atol=1e-4)
    output, _ = call("sampling", "SamplerCustom", tiny.model, *texts, sampler, sigmas, empty, True, 9, 4.0)
    assert torch.equal(output.samples, expected)


def test_two_guidances_with_one_conditioning_twice_are_one(call, ksampler, tiny, texts):
    expected = ksampler(seed=9, cfg=4.0, sampler_name="euler", scheduler="karras")
    sigmas = call("schedules", "BasicScheduler", tiny.model, "karras", 3)
    noise, sampler = call("noise", "RandomNoise", 9), call("samplers", "KSamplerSelect", "euler")
    positive, negative = texts
    for middle, scales in ((negative, (4.0, 7.0)), (positive, (7.0, 4.0))):
        guider = call("noise", "DualCFGGuider", tiny.model, positive, middle, negative, *scales)
        empty = Latents(torch.zeros(1, 4, 8, 8))
        output, _ = call("sampling", "SamplerCustomAdvanced", noise, guider, sampler, sigmas, empty)
        assert torch.allclose(output.samples, expected, rtol=1e-3, atol=1e-3)


def test_noise_added_beforehand_is_the_noise_added_while_sampling(call, tiny, texts):
    sigmas = call("sigmas", "KarrasScheduler", 3, 5.0, 0.1)
    sampler = call("samplers", "KSamplerSelect", "euler")
    guider = call("noise", "BasicGuider", tiny.model, texts[0])
    noise, none = call("noise", "RandomNoise", 2), call("noise", "DisableNoise")
    picture = Latents(torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(1)))
    noisy = call("noise", "AddNoise", tiny.model, noise, sigmas, picture)
    beforehand, _ = call("sampling", "SamplerCustomAdvanced", none, guider, sampler, sigmas, noisy)
    meanwhile, _ = call("sampling", "SamplerCustomAdvanced", noise, guider, sampler, sigmas, picture)
    assert torch.allclose(beforehand.samples, meanwhile.samples, rtol=1e-3, atol=1e-3)


def test_progress_counts_steps_and_shows_a_small_picture(ksampler):
    seen = []
    progress = Progress(report=lambda done, total, preview: seen.append((done, total, preview.shape, preview.dtype)))
    ksampler(progress=progress)
    assert seen == [(step, 3, (8, 8, 3), torch.uint8) for step in (1, 2, 3)]


def test_sampling_is_cancelled_between_steps(ksampler):
    seen = []
    progress = Progress(report=lambda *step: seen.append(step), cancelled=lambda: len(seen) == 1)
    with pytest.raises(Cancelled):
        ksampler(progress=progress)
    assert len(seen) == 1


@pytest.fixture
def control(call, texts):
    """Both texts under a control network, with a strength."""

    def apply(strength, kind="ControlNetApplyAdvanced"):
        network = call("loaders", "ControlNetLoader", "control.safetensors")
        hint = torch.rand(1, 40, 40, 3, generator=torch.Generator().manual_seed(0))
        if kind == "ControlNetApply":
            return call("adapters", kind, texts[0], network, hint, strength), texts[1]
        return call("adapters", kind, *texts, network, hint, strength)

    return apply


def test_a_control_network_changes_the_picture_by_its_strength(ksampler, control):
    plain = ksampler()
    advanced, old = "ControlNetApplyAdvanced", "ControlNetApply"
    for strength, kind in ((1.0, advanced), (1.0, old), (0.0, advanced)):
        positive, negative = control(strength, kind)
        steered = ksampler(positive=positive, negative=negative)
        assert torch.equal(steered, plain) == (strength == 0)


def test_the_old_control_node_steers_both_passes_and_the_other_those_that_it_was_given(control, ksampler, texts):
    """As ``control_apply_to_uncond`` says in ComfyUI: true in the old node, false in the advanced one."""
    both = ksampler(**dict(zip(("positive", "negative"), control(1.0), strict=True)))
    positive, _ = control(1.0)
    one = ksampler(positive=positive, negative=texts[1])
    positive, _ = control(1.0, "ControlNetApply")
    old = ksampler(positive=positive, negative=texts[1])
    assert torch.equal(old, both) and not torch.allclose(one, both)


def test_an_inpainting_model_samples_with_and_without_its_own_conditioning(call, ksampler, inpaint):
    text = call("text", "CLIPTextEncode", inpaint.clip, "a ball")
    given = {"model": inpaint.model, "positive": text, "negative": text}
    assert ksampler(**given).isfinite().all()
    pixels, mask = torch.rand(1, 64, 64, 3), torch.ones(1, 64, 64)
    latents = call("vae", "VAEEncodeForInpaint", pixels, inpaint.vae, mask)
    assert ksampler(**given, latent_image=latents).isfinite().all()
    one, two, shown = call("vae", "InpaintModelConditioning", text, text, inpaint.vae, pixels, mask)
    assert ksampler(model=inpaint.model, positive=one, negative=two, latent_image=shown).isfinite().all()


def test_what_does_not_belong_together_is_said(call, ksampler, tiny, texts):
    wide = tuple(replace(condition, context=torch.zeros(1, 77, 24)) for condition in texts[0])
    with pytest.raises(NodeError, match=r"tokens of width 24 do not fit .* which takes 12"):
        ksampler(positive=wide)
    with pytest.raises(NodeError, match="latents of 16 channels do not fit"):
        ksampler(latent_image=Latents(torch.ones(1, 16, 8, 8)))
    assert ksampler(latent_image=Latents(torch.zeros(1, 16, 8, 8))).shape == (1, 4, 8, 8)


def test_noise_levels_are_split_and_turned(call):
    sigmas = call("sigmas", "ExponentialScheduler", 4, 8.0, 1.0)
    assert sigmas.tolist() == pytest.approx([8, 4, 2, 1, 0])
    high, low = call("sigmas", "SplitSigmas", sigmas, 1)
    assert high.tolist() == pytest.approx([8, 4]) and low.tolist() == pytest.approx([4, 2, 1, 0])
    high, low = call("sigmas", "SplitSigmasDenoise", sigmas, 0.5)
    assert high.tolist() == pytest.approx([8, 4, 2]) and low.tolist() == pytest.approx([2, 1, 0])
    high, low = call("sigmas", "SplitSigmasDenoise", sigmas, 0.0)
    assert torch.equal(high, sigmas) and low.tolist() == [0]
    assert call("sigmas", "FlipSigmas", sigmas).tolist() == pytest.approx([0.0001, 1, 2, 4, 8])
    assert call("sigmas", "SetFirstSigma", sigmas, 9.0).tolist() == pytest.approx([9, 4, 2, 1, 0])
    assert call("sigmas", "KarrasScheduler", 3, 8.0, 1.0, 3.0).tolist() == pytest.approx([8, 3.375, 1, 0])
    aligned = call("sigmas", "AlignYourStepsScheduler", "SD1", 10, 0.3).tolist()
    assert aligned == pytest.approx([0.6524, 0.3977, 0.1515, 0], abs=6e-5)
    assert torch.allclose(call("sigmas", "PolyexponentialScheduler", 4, 8.0, 1.0), sigmas)
    assert call("sigmas", "VPScheduler", 2)[0].item() == pytest.approx(math.sqrt(math.exp(10.05) - 1), rel=1e-5)
    with pytest.raises(NodeError, match=r"from 1\.0 down to 2\.0 are not possible"):
        call("sigmas", "KarrasScheduler", 3, 1.0, 2.0)


def test_turbo_models_start_at_their_training_steps(call, tiny):
    a = tiny.model.alphas_cumprod
    levels = ((1 - a) / a).sqrt()
    assert torch.allclose(call("schedules", "SDTurboScheduler", tiny.model, 2)[:2], levels[[999, 899]])
    assert torch.allclose(call("schedules", "SDTurboScheduler", tiny.model, 1, 0.5)[:1], levels[[499]])
    consistent = call("model_sampling", "ModelSamplingDiscrete", tiny.model, "lcm")
    assert torch.allclose(call("schedules", "SDTurboScheduler", consistent, 4)[:4], levels[[999, 899, 799, 699]])


def test_options_reach_the_sampler(call):
    sampler = call("samplers", "SamplerDPMPP_2M_SDE", "heun", 0.5, 0.9)
    assert (sampler.name, sampler.options) == ("dpmpp_2m_sde", {"solver_type": "heun", "eta": 0.5, "s_noise": 0.9})
    for kind in ("SamplerEulerAncestral", "SamplerEulerAncestralCFGPP", "SamplerDPMPP_2S_Ancestral", "SamplerLMS",
                 "SamplerDPMPP_SDE", "SamplerDPMPP_3M_SDE", "SamplerER_SDE", "SamplerDPMAdaptative"):  # fmt: skip
        made = call("samplers", kind)
        SAMPLERS[made.name].having(**made.options)


def test_a_consistency_model_is_asked_at_every_twentieth_training_step(call, ksampler, tiny, texts, services):
    model = call("model_sampling", "ModelSamplingDiscrete", tiny.model, "lcm")
    sampled = ksampler(model=model, sampler_name="lcm", scheduler="sgm_uniform", steps=1, cfg=1.0, seed=5)
    a = tiny.model.alphas_cumprod[-1]
    sigma = ((1 - a) / a).sqrt()
    x = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(5)) * (1 + sigma**2).sqrt()
    with services["devices"].use(tiny.model.part) as network, torch.no_grad():
        eps = network(x / (1 + sigma**2).sqrt(), torch.tensor([999.0]), texts[0][0].context)
    length = 9990.0**2 + 0.25
    expected = (x - sigma * eps) * (9990 / length**0.5) + x * (0.25 / length)
    assert torch.allclose(sampled, expected / 0.18215, rtol=1e-4, atol=1e-3)
    levels = ((1 - tiny.model.alphas_cumprod) / tiny.model.alphas_cumprod).sqrt()
    assert call("schedules", "BasicScheduler", model, "simple", 50)[49].item() == pytest.approx(levels[19].item())


def test_without_room_for_both_passes_they_are_made_one_after_the_other(ksampler, tiny, services, monkeypatch):
    together = ksampler()
    rows = []
    with services["devices"].use(tiny.model.part) as network:
        hook = network.register_forward_pre_hook(lambda module, inputs: rows.append(len(inputs[0])))
    monkeypatch.setattr(services["devices"], "available", lambda: 0)
    apart = ksampler()
    hook.remove()
    assert set(rows) == {1}
    torch.testing.assert_close(apart, together, atol=1e-4, rtol=1e-3)
