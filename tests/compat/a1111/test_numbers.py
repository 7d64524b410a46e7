"""What the nodes of a picture compute, against what A1111's web UI itself computes."""

import json
from pathlib import Path

import pytest
import torch

from graphengine.compat.a1111.workflow import workflow_of
from graphengine.diffusion.sampling.discrete import DiscreteSchedule
from graphengine.diffusion.sampling.schedules import SCHEDULES
from graphengine.diffusion.sampling.timeline import between_steps, sigmas_for

GOLDEN = json.loads((Path(__file__).parent / "numbers.json").read_text("utf-8"))
TRAINED = DiscreteSchedule((1 - torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2).cumprod(0))
ALIKE = ("Uniform", "Karras", "SGM Uniform", "Simple", "DDIM")
SIGMAS = {case["label"]: case["sigmas"] for case in GOLDEN["schedulers"]["cases"] if case["n"] == 20}
EXACTLY = "fix_steps"  # all steps that were told are done, as in the second pass
CHANGED = [case for case in GOLDEN["img2img_steps"] if not case[EXACTLY] and not case["hires_steps"]]
SECOND = [case for case in GOLDEN["img2img_steps"] if case["denoise"] and (case[EXACTLY] or case["hires_steps"])]


def inputs_of(settings, id="sampler", prompt="x"):
    return dict(workflow_of(f"{prompt}\nSeed: 1, CFG scale: 7, {settings}").nodes[id].inputs)


def levels_of(inputs):
    schedule = SCHEDULES[inputs["scheduler"]]
    if "start_at_step" in inputs:
        return between_steps(sigmas_for(TRAINED, schedule, inputs["steps"]), inputs["start_at_step"])
    return sigmas_for(TRAINED, schedule, inputs["steps"], inputs["denoise"])


@pytest.mark.parametrize("case", CHANGED, ids=str)
def test_a_changed_picture_goes_through_the_last_steps_of_the_schedule(case):
    inputs = inputs_of(f"Steps: {case['steps']}, Sampler: Euler, Denoising strength: {case['denoise']}")
    assert inputs["steps"] == case["schedule_steps"]
    assert inputs["steps"] - inputs["start_at_step"] == case["t_enc"] + 1


@pytest.mark.parametrize("case", [case for case in CHANGED if case["steps"] == 20], ids=str)
@pytest.mark.parametrize("label", ALIKE)
def test_a_changed_picture_begins_with_the_noise_that_it_began_with(case, label):
    settings = f"Steps: 20, Sampler: Euler, Schedule type: {label}, Denoising strength: {case['denoise']}"
    wanted = SIGMAS[label][-case["t_enc"] - 2 :]
    assert levels_of(inputs_of(settings)).tolist() == pytest.approx(wanted, rel=1e-4, abs=1e-6)


def test_a_stride_of_ddim_that_does_not_divide_the_training_begins_at_its_own_step():
    settings = "Steps: 30, Sampler: DDIM, Denoising strength: 0.5"
    ascending = [float(TRAINED.sigmas[1 + 33 * index]) for index in range(31)]
    assert levels_of(inputs_of(settings))[0] == pytest.approx(ascending[15])  # int(0.5 * 30)


@pytest.mark.parametrize("case", SECOND, ids=str)
def test_a_second_pass_does_all_its_steps(case):
    steps = case["hires_steps"] or case["steps"]
    settings = f"Steps: {case['steps']}, Sampler: Euler, Denoising strength: {case['denoise']}, Hires upscale: 2"
    levels = levels_of(inputs_of(f"{settings}, Hires steps: {steps}", "hires_sampler"))
    whole = SCHEDULES["normal"](TRAINED, case["schedule_steps"])
    assert levels.tolist() == pytest.approx(whole[-case["t_enc"] - 2 :].tolist())


@pytest.mark.parametrize("upscaler", ["Latent", "Lanczos"])
@pytest.mark.parametrize("case", GOLDEN["hires_resolution"], ids=lambda case: str(case["in"]))
def test_a_second_pass_has_the_size_there_and_cuts_what_is_too_much(case, upscaler):
    told, wanted = case["in"], case["out"]
    first = ", First pass size: 0x0" if told["old"] else ""
    sides = ", ".join(f"{key}: {value}" for key, value in wanted["infotext"].items())
    settings = (
        f"Steps: 20, Sampler: Euler, Size: {told['width']}x{told['height']}{first}, Denoising strength: 0.5, "
        f"{'' if told['old'] else f'{sides}, '}Hires upscaler: {upscaler}"
    )
    empty, scale = inputs_of(settings, "empty"), inputs_of(settings, "hires_scale")
    assert (empty["width"], empty["height"]) == (wanted["width"], wanted["height"])
    assert [scale["height"] // 8, scale["width"] // 8] == wanted["final_latent"]
    if any(wanted["truncate"]):
        assert scale["crop"] == "center"
