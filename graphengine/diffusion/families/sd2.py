"""Stable Diffusion 2.0 and 2.1 with their relatives."""

from graphengine.diffusion.families.family import Family, Heads, Signature, clues
from graphengine.diffusion.families.layouts import CONTROL, DENOISER
from graphengine.diffusion.weights.keymap import CONTROLNET_DIFFUSERS, UNET_DIFFUSERS

UNET = clues("output_blocks.0.0.in_layers.0.weight", "input_blocks.1.1.proj_in.weight [* *]")
NO_LABEL = clues("label_emb.*", "*.time_stack.*")


def _unet(title: str, channels: int) -> Signature:
    present = clues(f"input_blocks.0.0.weight [* {channels} 3 3]") + UNET
    return Signature("denoiser", "ldm", title, present, NO_LABEL, DENOISER)


SD2 = Family(
    name="sd2",
    title="Stable Diffusion 2",
    heads=Heads(width=64),
    signatures=(
        _unet("Stable Diffusion 2 UNet", 4),
        _unet("Stable Diffusion 2 inpainting UNet", 9),
        Signature(
            "denoiser",
            "diffusers",
            "Stable Diffusion 2 UNet",
            present=clues(
                "conv_in.weight",
                "up_blocks.0.resnets.0.norm1.weight",
                "down_blocks.0.attentions.0.proj_in.weight [* *]",
            ),
            absent=clues("add_embedding.*", "class_embedding.*", "controlnet_cond_embedding.*"),
            key_map=UNET_DIFFUSERS,
        ),
        Signature(
            "controlnet",
            "ldm",
            "ControlNet for Stable Diffusion 2",
            present=clues(
                "input_hint_block.0.weight", "zero_convs.0.0.weight", "input_blocks.1.1.proj_in.weight [* *]"
            ),
            absent=clues("label_emb.*"),
            prefixes=CONTROL,
        ),
        Signature(
            "controlnet",
            "diffusers",
            "ControlNet for Stable Diffusion 2",
            present=clues(
                "controlnet_cond_embedding.conv_in.weight", "down_blocks.0.attentions.0.proj_in.weight [* *]"
            ),
            absent=clues("add_embedding.*"),
            key_map=CONTROLNET_DIFFUSERS,
        ),
        Signature(
            "lora",
            "kohya",
            "LoRA for Stable Diffusion 2",
            present=clues(
                "lora_unet_*attn2_to_k.lora_down.weight|lora_te_*_fc1.lora_down.weight [* 1024]",
            ),
            absent=clues("lora_te2_*", "lora_unet_input_blocks_*"),
        ),
        Signature(
            "lora",
            "diffusers",
            "LoRA for Stable Diffusion 2",
            present=clues("*attn2.to_k*down.weight|*attn2.to_k*lora_A.weight [* 1024]"),
            absent=clues("text_encoder_2.*"),
        ),
    ),
)

SD2_DEPTH = Family("sd2-depth", "Stable Diffusion 2 depth", (_unet("Stable Diffusion 2 depth UNet", 5),))

SD2_UPSCALER = Family(
    "sd2-upscaler",
    "Stable Diffusion x4 upscaler",
    prediction="v",
    latent_scale=0.08333,
    signatures=(
        Signature(
            "denoiser",
            "ldm",
            "x4 upscaler UNet",
            present=clues(
                "input_blocks.0.0.weight [* 7 3 3]", "label_emb.weight [* *]", "output_blocks.0.0.in_layers.0.weight"
            ),
            prefixes=DENOISER,
        ),
    ),
)

SD2_UNCLIP = Family(
    "sd2-unclip",
    "Stable Diffusion 2.1 unCLIP",
    prediction="v",
    signatures=(
        Signature(
            "denoiser",
            "ldm",
            "unCLIP UNet",
            present=UNET + clues("label_emb.0.0.weight [* *]"),
            absent=clues("*.time_stack.*"),
            prefixes=DENOISER,
        ),
        Signature(
            "denoiser",
            "diffusers",
            "unCLIP UNet",
            present=clues(
                "conv_in.weight", "class_embedding.linear_1.weight", "down_blocks.0.attentions.0.proj_in.weight [* *]"
            ),
            key_map=UNET_DIFFUSERS,
        ),
    ),
)
