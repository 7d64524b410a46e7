import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from graphengine.diffusion.weights.errors import WeightsError
from graphengine.diffusion.weights.identify import identify

MANIFESTS = Path(__file__).parents[2] / "data" / "manifests"

EXPECTED = {
    "clip_g": ("text_encoder", "clip_g", "transformers"),
    "clip_l": ("text_encoder", "clip_l", "transformers"),
    "cogvideox15_5b_i2v_transformer": ("denoiser", "cogvideox", "diffusers"),
    "cogvideox15_5b_transformer": ("denoiser", "cogvideox", "diffusers"),
    "cogvideox_2b_transformer": ("denoiser", "cogvideox", "diffusers"),
    "cogvideox_5b_i2v_transformer": ("denoiser", "cogvideox", "diffusers"),
    "cogvideox_5b_transformer": ("denoiser", "cogvideox", "diffusers"),
    "cogvideox_vae": ("autoencoder", "cogvideox", "diffusers"),
    "controlnet-sd15-full": ("checkpoint", "sd1", "ldm"),
    "controlnet-sd15": ("controlnet", "sd1", "ldm"),
    "controlnet-sd21": ("controlnet", "sd2", "ldm"),
    "ctrlora-base-rank128": ("ctrlora_base", "sd1", "ldm"),
    "ctrlora-lora-rank128": ("ctrlora_condition", "sd1", "ldm"),
    "ctrlora-pretrain-9tasks-rank128": ("ctrlora_training", "sd1", "ldm"),
    "diffusers-controlnet-sd15": ("controlnet", "sd1", "diffusers"),
    "diffusers-controlnet-sd21": ("controlnet", "sd2", "diffusers"),
    "diffusers-sd-vae": ("autoencoder", "kl4", "diffusers"),
    "diffusers-sd15-unet": ("denoiser", "sd1", "diffusers"),
    "diffusers-sd21-unet": ("denoiser", "sd2", "diffusers"),
    "flux1_dev": ("denoiser", "flux", "flux"),
    "flux1_schnell": ("denoiser", "flux", "flux"),
    "flux_ae": ("autoencoder", "kl16", "ldm"),
    "iclight_sd15_fbc": ("offsets", "sd1", "diffusers"),
    "iclight_sd15_fc": ("offsets", "sd1", "diffusers"),
    "lora_kohya_sd15_rank16": ("lora", "sd1", "kohya"),
    "lora_kohya_sdxl_rank16": ("lora", "sdxl", "kohya"),
    "sd1-full-ema": ("checkpoint", "sd1", "ldm"),
    "sd1-inference": ("checkpoint", "sd1", "ldm"),
    "sd1-inpainting": ("checkpoint", "sd1", "ldm"),
    "sd2-base": ("checkpoint", "sd2", "ldm"),
    "sd2-depth": ("checkpoint", "sd2-depth", "ldm"),
    "sd2-inpainting": ("checkpoint", "sd2", "ldm"),
    "sd2-v": ("checkpoint", "sd2", "ldm"),
    "sd2-x4-upscaler": ("checkpoint", "sd2-upscaler", "ldm"),
    "sd21-unclip-h": ("checkpoint", "sd2-unclip", "ldm"),
    "sd21-unclip-l": ("checkpoint", "sd2-unclip", "ldm"),
    "sd35_large": ("checkpoint", "sd3.5", "sd3"),
    "sd35_large_controlnet": ("controlnet", "sd3.5", "sd3"),
    "sd35_medium": ("checkpoint", "sd3.5", "sd3"),
    "sd35_medium_diffusers_transformer": ("denoiser", "sd3.5", "diffusers"),
    "sd3_medium": ("checkpoint", "sd3", "sd3"),
    "sd3_medium_incl_clips": ("checkpoint", "sd3", "sd3"),
    "sd3_medium_incl_clips_t5xxl": ("checkpoint", "sd3", "sd3"),
    "sd3_vae": ("autoencoder", "kl16", "ldm"),
    "sdxl_base": ("checkpoint", "sdxl", "ldm"),
    "sdxl_refiner": ("checkpoint", "sdxl-refiner", "ldm"),
    "t5xxl": ("text_encoder", "t5xxl", "transformers"),
}


def manifest(name):
    shapes = json.loads(gzip.decompress((MANIFESTS / f"{name}.json.gz").read_bytes()))
    return {key: tuple(shape) for key, shape in shapes.items()}


def test_every_manifest_has_an_expectation():
    assert {path.name.removesuffix(".json.gz") for path in MANIFESTS.glob("*.json.gz")} == EXPECTED.keys()


@pytest.mark.parametrize("name", EXPECTED)
def test_a_published_file_is_told_by_names_and_shapes_alone(name):
    found = identify(manifest(name), name)
    assert (found.kind, found.family.name, found.layout) == EXPECTED[name]


def test_the_parts_of_a_checkpoint_are_told_with_their_prefixes():
    found = identify(manifest("controlnet-sd15-full"))
    assert {part.role: part.prefix for part in found.parts} == {
        "denoiser": "model.diffusion_model.",
        "controlnet": "control_model.",
        "autoencoder": "first_stage_model.",
        "text_encoder": "cond_stage_model.transformer.",
    }


def test_a_network_without_its_prefix_is_the_same_network():
    prefix = "model.diffusion_model."
    bare = {n.removeprefix(prefix): s for n, s in manifest("sd1-inference").items() if n.startswith(prefix)}
    assert identify(bare).family.name == "sd1" and identify(bare).kind == "denoiser"


def test_a_small_network_of_a_family_is_of_that_family():
    halved = {
        name: tuple(size if size in (1, 3, 4, 9) else max(size // 8, 1) for size in shape)
        for name, shape in manifest("sd1-inference").items()
    }
    assert identify(halved).family.name == "sd1"


def test_an_unknown_file_is_told_what_it_is_nearly():
    shapes = manifest("diffusers-sd15-unet")
    del shapes["down_blocks.0.attentions.0.proj_in.weight"]
    with pytest.raises(WeightsError) as refused:
        identify(shapes, "mine.safetensors")
    message = str(refused.value)
    assert "mine.safetensors (685 tensors" in message
    assert "not a Stable Diffusion 1 UNet (diffusers layout): down_blocks.0.attentions.0.proj_in.weight" in message


def test_telling_files_apart_does_not_import_torch():
    code = "import sys, graphengine.diffusion.weights.describe; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
