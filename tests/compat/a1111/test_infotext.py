"""Pictures and texts of A1111's web UI, against what that program itself reads from them, and run here."""

import io
import json
import time
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from graphengine.compat.a1111.infotext import is_infotext, parse
from graphengine.compat.a1111.workflow import workflow_of
from graphengine.engine import Engine
from graphengine.graph.errors import DocumentError
from graphengine.graph.workflow import Link
from graphengine.settings import Settings

GOLDEN = json.loads((Path(__file__).parent / "infotexts.json").read_text("utf-8"))
STYLED = "a dog, photo, 35mm"  # the one case that takes styles of a file out of the prompts
CASES = [case for case in [*GOLDEN["generate"], *GOLDEN["parse"]] if not case["text"].startswith(STYLED)]
TEXT = """a red circle <lora:tiny_outlined_lora:0.8:0.5> on a blue background,
lit from above
Negative prompt: a star
Steps: 4, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 4.5, Seed: 123456789012, Size: 64x72, """
ORDERS = {"be": "utf-16-be", "le": "utf-16-le", "marked": "utf-16"}
PLAIN = f"{TEXT}Model hash: 0123456789, Model: tiny_world, Version: v1.10.1"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"][:40])
def test_an_infotext_is_read_as_its_own_program_reads_it(case):
    told, wanted = parse(case["text"]), dict(case["parsed"])
    assert (told.prompt, told.negative) == (wanted.pop("Prompt"), wanted.pop("Negative prompt"))
    assert told.values.items() <= {key: str(value) for key, value in wanted.items()}.items()
    written = {key for key in wanted if f"{key.removesuffix('-1').removesuffix('-2')}: " in case["text"]}
    assert written <= told.values.keys()


def inputs_of(workflow, id):
    return dict(workflow.nodes[id].inputs)


def test_a_picture_of_one_pass_becomes_its_nodes():
    workflow = workflow_of(PLAIN)
    assert inputs_of(workflow, "checkpoint") == {"ckpt_name": "tiny_world.safetensors"}
    assert inputs_of(workflow, "lora_1") == {
        "model": Link("checkpoint", "model"), "clip": Link("checkpoint", "clip"),
        "lora_name": "tiny_outlined_lora.safetensors", "strength_model": 0.5, "strength_clip": 0.8,
    }  # fmt: skip
    prompt = inputs_of(workflow, "prompt")
    assert prompt == {"clip": Link("lora_1", "clip"), "text": "a red circle  on a blue background,\nlit from above"}
    assert inputs_of(workflow, "negative")["text"] == "a star"
    assert inputs_of(workflow, "empty") == {"width": 64, "height": 72, "batch_size": 1}
    sampler = inputs_of(workflow, "sampler")
    assert [sampler[name] for name in ("seed", "steps", "cfg", "sampler_name", "scheduler", "denoise")] == [
        123456789012, 4, 4.5, "dpmpp_2m", "karras", 1.0
    ]  # fmt: skip
    [note] = workflow.layout["notes"]
    assert "Not taken over" not in note["text"]


@pytest.mark.parametrize(
    ("sampler", "wanted"),
    [
        ("Sampler: Euler a", ("euler_ancestral", "normal")),
        ("Sampler: DPM++ 2M Karras", ("dpmpp_2m", "karras")),
        ("Sampler: DPM++ 2M SDE Heun Exponential", ("dpmpp_2m_sde_heun", "exponential")),
        ("Sampler: DPM++ 2M, Schedule type: Automatic", ("dpmpp_2m", "karras")),
        ("Sampler: Euler, Schedule type: SGM Uniform", ("euler", "sgm_uniform")),
        ("Sampler: DDIM", ("ddim", "ddim_uniform")),
        ("Sampler: UniPC, Schedule type: Beta", ("uni_pc", "beta")),
    ],
)
def test_samplers_and_schedules_have_the_names_of_here(sampler, wanted):
    inputs = inputs_of(workflow_of(f"x\nSteps: 5, {sampler}, CFG scale: 7, Seed: 1, Size: 64x64"), "sampler")
    assert (inputs["sampler_name"], inputs["scheduler"]) == wanted


def test_what_has_no_counterpart_is_told_in_the_note():
    text = (
        "a [cat:dog:0.5] <hypernet:old:0.7> AND a bird\nSteps: 5, Sampler: Restart, Schedule type: Align Your Steps, "
    )
    workflow = workflow_of(f"{text}CFG scale: 7, Seed: 1, Size: 64x64, ENSD: 31337, Face restoration: GFPGAN")
    [note] = workflow.layout["notes"]
    for told in ("Restart", "Align Your Steps", "[a:b:n]", "AND", "hypernet", "ENSD: 31337", "GFPGAN"):
        assert told in note["text"]
    assert "hypernet" not in inputs_of(workflow, "prompt")["text"]


def test_a_changed_picture_asks_for_the_picture_it_was():
    workflow = workflow_of(f"{TEXT}Denoising strength: 0.5")
    assert workflow.nodes["source"].kind == "LoadImage"
    assert inputs_of(workflow, "sampler")["latent_image"] == Link("encode", "latent")
    assert workflow.nodes["sampler"].kind == "KSamplerAdvanced"
    assert (inputs_of(workflow, "sampler")["steps"], inputs_of(workflow, "sampler")["start_at_step"]) == (4, 1)
    assert "choose it" in workflow.layout["notes"][0]["text"]


@pytest.mark.parametrize(
    ("told", "size"),
    [
        ("Hires upscale: 2, Hires upscaler: Latent", (128, 144)),
        ("Hires upscale: 1.5, Hires upscaler: R-ESRGAN 4x+", (96, 108)),
        ("Hires resize: 128x0, Hires upscaler: Lanczos", (128, 144)),
        ("Hires resize: 100x200, Hires upscaler: Latent (bicubic)", (100, 200)),
    ],
)
def test_a_second_pass_scales_to_the_size_that_was_told(told, size):
    workflow = workflow_of(f"{TEXT}Denoising strength: 0.6, {told}, Hires steps: 7, Hires prompt: a ring")
    scale, second = inputs_of(workflow, "hires_scale"), inputs_of(workflow, "hires_sampler")
    assert (scale["width"], scale["height"]) == size
    assert (second["steps"], second["denoise"]) == (7, 0.6)
    assert inputs_of(workflow, "hires_positive")["text"] == "a ring"
    assert inputs_of(workflow, "decode")["samples"] == Link("hires_sampler", "latent")
    assert ("Lanczos stands in" in workflow.layout["notes"][0]["text"]) == ("R-ESRGAN" in told)


def test_networks_of_the_second_pass_alone_are_told_in_the_note():
    workflow = workflow_of(f'{TEXT}Denoising strength: 0.6, Hires upscale: 2, Hires prompt: "a ring <lora:other:1>"')
    assert inputs_of(workflow, "hires_positive")["text"] == "a ring"
    assert "<lora:other:1> of the second pass" in workflow.layout["notes"][0]["text"]


def picture(format, text, order="be"):
    buffer, image = io.BytesIO(), Image.new("RGB", (8, 8))
    if format == "PNG":
        info = PngInfo()
        info.add_text("parameters", text)
        image.save(buffer, format, pnginfo=info)
    elif format == "GIF":
        image.save(buffer, format, comment=text.encode())
    else:
        exif = Image.Exif()
        exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + text.encode(ORDERS[order])
        image.save(buffer, format, exif=exif.tobytes())
    return buffer.getvalue()


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "GIF", "AVIF"])
@pytest.mark.parametrize("order", list(ORDERS))
def test_pictures_of_every_format_are_read_and_run_with_both_passes(tmp_path, format, order):
    engine = Engine(Settings(home=tmp_path, device="cpu"))
    hires = f"{PLAIN}, Denoising strength: 0.6, Hires upscale: 1.5, Hires upscaler: Lanczos, Hires steps: 2"
    workflow = engine.read(picture(format, hires, order))
    assert workflow == workflow_of(hires)
    if (format, order) != ("JPEG", "le"):
        return  # one run is enough
    outcome = engine.run(workflow)
    assert outcome.status == "done", outcome.failures
    [saved] = engine.saved(outcome)
    with Image.open(saved) as made:
        assert made.size == (96, 104)


def test_a_text_file_beside_a_picture_is_read_too(tmp_path):
    engine = Engine(Settings(home=tmp_path))
    (tmp_path / "a.txt").write_text(PLAIN, "utf-8")
    assert engine.read(tmp_path / "a.txt") == workflow_of(PLAIN)


def test_a_mark_of_encoding_is_no_part_of_the_prompt():
    assert parse(f"\ufeff{PLAIN}") == parse(PLAIN)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_a_text_file_may_begin_with_a_mark_of_its_encoding(tmp_path, encoding):
    (tmp_path / "a.txt").write_bytes(
        ("\ufeff" if encoding == "utf-16-le" else "").encode(encoding) + PLAIN.encode(encoding)
    )
    assert Engine(Settings(home=tmp_path)).read(tmp_path / "a.txt") == workflow_of(PLAIN)


@pytest.mark.parametrize(
    "tail",
    [
        "\nTemplate: a {b|c}",
        "\nTemplate: a {b|c},\nd\nNegative Template: e",
        ', Template: "a, b", Negative Template: c',
    ],
)
def test_templates_that_an_extension_adds_are_left_alone(tail):
    assert is_infotext(PLAIN + tail)
    assert workflow_of(PLAIN + tail) == workflow_of(PLAIN)


@pytest.mark.parametrize(
    "text",
    [
        "only a prompt",
        "x\nSteps: many, Sampler: Euler, CFG scale: 7, Size: 64x64",
        "x\nSteps: 1, Sampler: a, Seed: 1e999",
    ],
)
def test_what_cannot_be_used_is_refused_in_words(text):
    with pytest.raises(DocumentError, match="settings"):
        workflow_of(text)


@pytest.mark.parametrize(
    "text", ["a" * 3_000_000, 'ab:"' * 500_000, "a: b, " * 300_000, "a:" * 500_000, '"' * 1_000_000]
)
def test_hostile_texts_take_no_time(text):
    began = time.process_time()
    parse(text)
    is_infotext(text)
    assert time.process_time() - began < 10
