"""What the nodes of a picture compute, against what A1111's web UI itself computes."""

import json
from pathlib import Path

import pytest
import torch

from graphengine.compat.a1111.names import SAMPLERS
from graphengine.compat.a1111.workflow import workflow_of
from graphengine.diffusion.sampling.discrete import DiscreteSchedule
from graphengine.diffusion.sampling.schedules import SCHEDULES
from graphengine.diffusion.sampling.timeline import between_steps, sigmas_for

GOLDEN = json.loads((Path(__file__).parent / "numbers.json").read_text("utf-8"))
TRAINED = DiscreteSchedule((1 - torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2).cumprod(0))
ALIKE = ("Uniform", "Karras", "SGM Uniform", "Simple", "DDIM")
SIGMAS = {case["label"]: case["sigmas"] for case in GOLDEN["schedulers"]["cases"] if case["n"] == 20}
PLAIN = {"name", "label", "n", "sdxl", "sigmas"}  # of a case without settings of its own
EXACTLY = "fix_steps"  # all steps that were told are done, as in the second pass
CHANGED = [case for case in GOLDEN["img2img_steps"] if not case[EXACTLY] and not case["hires_steps"]]
SECOND = [case for case in GOLDEN["img2img_steps"] if case["denoise"] and (case[EXACTLY] or case["hires_steps"])]

HERE = {
    "Karras": "karras", "Exponential": "exponential", "SGM Uniform": "sgm_uniform", "Beta": "beta",
    "Euler": "euler", "Euler a": "euler_ancestral", "LMS": "lms", "DDIM": "ddim", "UniPC": "uni_pc",
    "DPM++ 2M": "dpmpp_2m", "DPM++ 2M SDE": "dpmpp_2m_sde", "DPM++ 3M SDE": "dpmpp_3m_sde", "DPM2 a": "dpm_2_ancestral",
}  # fmt: skip


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


@pytest.mark.parametrize("case", GOLDEN["extra_networks"], ids=lambda case: case["prompt"])
def test_tags_name_the_files_and_strengths_that_they_name_there(case):
    workflow = workflow_of(f"{case['prompt']}\nSeed: 1, Steps: 1, Sampler: Euler")
    assert workflow.nodes["prompt"].inputs["text"] == case["text"].strip()
    loaders = [dict(node.inputs) for id, node in workflow.nodes.items() if id.startswith("lora_")]
    wanted = [lora for lora in case["lora"] if lora["name"]]
    assert [(inputs["lora_name"], inputs["strength_clip"], inputs["strength_model"]) for inputs in loaders] == [
        (f"{lora['name']}.safetensors", lora["te"], lora["unet"]) for lora in wanted
    ]
    assert ("names no file" in workflow.layout["notes"][0]["text"]) == (len(wanted) < len(case["lora"]))


@pytest.mark.parametrize(
    ("tag", "strengths", "told"),
    [
        ("<lora:y:0.7:OUTALL>", (0.7, 0.7), "'OUTALL'"),
        ("<lora:x:>", (1.0, 1.0), "''"),
        ("<lora:x:high:0.5>", (1.0, 0.5), "'high'"),
        ("<lora:x:0.5:nan:8>", (0.5, 0.5), "'8', 'nan'"),
        ("<lora:x:0.5:lbw=MIDD>", (0.5, 0.5), "'MIDD'"),
        ("<lora:x:te=0.2:unet=0.3>", (0.2, 0.3), None),
        ("<lora:x:0.5>", (0.5, 0.5), None),
    ],
)
def test_what_is_no_strength_of_a_network_is_told(tag, strengths, told):
    workflow = workflow_of(f"a {tag}\nSeed: 1, Steps: 1, Sampler: Euler")
    inputs, [note] = workflow.nodes["lora_1"].inputs, workflow.layout["notes"]
    assert (inputs["strength_clip"], inputs["strength_model"]) == strengths
    assert ("is no strength" in note["text"]) == (told is not None)
    assert told is None or f"{tag}: {told} in it" in note["text"]


@pytest.mark.parametrize("case", GOLDEN["sampler_names"], ids=str)
def test_names_of_samplers_and_schedules_mean_what_they_mean_there(case):
    schedule = f", Schedule type: {case['scheduler']}" if case["scheduler"] else ""
    workflow = workflow_of(f"x\nSeed: 1, Steps: 5, Sampler: {case['sampler']}{schedule}")
    inputs, [note] = workflow.nodes["sampler"].inputs, workflow.layout["notes"]
    sampler, label = case["out"]
    assert inputs["sampler_name"] == HERE[sampler]
    assert inputs["scheduler"] == (SAMPLERS[sampler][1] if label == "Automatic" else HERE[label])
    assert ("stands in" in note["text"]) == (sampler not in case["sampler"] or label == "Beta")


@pytest.mark.parametrize("name", ["karras", "Karras", "sgm_uniform", "SGMUniform", "automatic", "ddim", "uniform"])
def test_schedules_have_names_that_need_no_note(name):
    told = workflow_of(f"x\nSeed: 1, Steps: 5, Sampler: Euler, Schedule type: {name}").layout["notes"][0]["text"]
    assert "Not taken over" not in told


@pytest.mark.parametrize("name", ["juggernaut", "juggernaut.safetensors", "old.ckpt", "v1.5"])
def test_a_model_has_one_ending(name):
    file = inputs_of(f"Steps: 5, Sampler: Euler, Model: {name}", "checkpoint")["ckpt_name"]
    assert file == (name if "." in name and name != "v1.5" else f"{name}.safetensors")


@pytest.mark.parametrize(
    ("sampler", "version", "schedule"),
    [
        ("DPM++ 2M", "v1.6.0", "normal"),
        ("DPM++ 2M SDE Heun", "v1.8.0-RC-12-gabcdef01", "normal"),
        ("DPM2 a", "f0.0.17v1.8.0rc-latest-276-g29be1da7", "normal"),
        ("DPM++ 2M Karras", "v1.6.0", "karras"),
        ("DPM++ 2M SDE Exponential", "v1.6.0", "exponential"),
        ("DPM++ 2M", "v1.9.0", "karras"),
        ("DPM++ 2M", "v1.10.1", "karras"),
        ("DPM++ 2M", "f2.0.1v1.10.1-previous-669-gdfdcbab6", "karras"),
        ("DPM++ 2M", "ab12cd34", "karras"),
        ("DPM++ 2M, Schedule type: Automatic", "v1.8.0", "karras"),
        ("DDIM", "v1.6.0", "ddim_uniform"),
        ("Restart", "v1.6.0", "karras"),
    ],
)
def test_a_sampler_without_a_schedule_had_the_uniform_one_before_schedules_were_chosen(sampler, version, schedule):
    workflow = workflow_of(f"x\nSeed: 1, Steps: 5, Sampler: {sampler}, Version: {version}")
    assert workflow.nodes["sampler"].inputs["scheduler"] == schedule
    assert ("Before version 1.9" in workflow.layout["notes"][0]["text"]) == (schedule == "normal")


@pytest.mark.parametrize(
    "case",
    [case for case in GOLDEN["schedulers"]["cases"] if case.keys() == PLAIN and not case["sdxl"]],
    ids=lambda case: f"{case['label']} {case['n']}",
)
def test_the_note_says_which_schedules_have_other_noise_levels(case):
    workflow = workflow_of(f"x\nSeed: 1, Steps: {case['n']}, Sampler: Euler, Schedule type: {case['label']}")
    levels, [note] = levels_of(workflow.nodes["sampler"].inputs), workflow.layout["notes"]
    is_same = levels.tolist() == pytest.approx(case["sigmas"], rel=1e-3, abs=1e-6)
    assert ("stands in" in note["text"]) == (case["label"] in ("Beta", "KL Optimal", "Align Your Steps"))
    assert is_same or "stands in" in note["text"]
