"""Stable Diffusion XL, base and refiner."""

from graphengine.diffusion.families.family import Family, Heads, Signature, clues
from graphengine.diffusion.families.layouts import CONTROL, DENOISER
from graphengine.diffusion.weights.keymap import CONTROLNET_DIFFUSERS, UNET_DIFFUSERS

SDXL = Family(
    "sdxl",
    "SDXL base",
    heads=Heads(width=64),
    latent_scale=0.13025,
    signatures=(
        Signature(
            "denoiser",
            "ldm",
            "SDXL base UNet",
            present=clues("input_blocks.0.0.weight", "label_emb.0.0.weight", "output_blocks.0.0.in_layers.0.weight"),
            absent=clues("input_blocks.1.1.*", "input_blocks.9.*"),
            prefixes=DENOISER,
        ),
        Signature(
            "denoiser",
            "diffusers",
            "SDXL base UNet",
            present=clues("conv_in.weight", "add_embedding.linear_1.weight", "up_blocks.0.resnets.0.norm1.weight"),
            absent=clues("down_blocks.3.*"),
            key_map=UNET_DIFFUSERS,
        ),
        Signature(
            "controlnet",
            "ldm",
            "ControlNet for SDXL",
            present=clues("input_hint_block.0.weight", "zero_convs.0.0.weight", "label_emb.0.0.weight"),
            prefixes=CONTROL,
        ),
        Signature(
            "controlnet",
            "diffusers",
            "ControlNet for SDXL",
            present=clues("controlnet_cond_embedding.conv_in.weight", "add_embedding.linear_1.weight"),
            key_map=CONTROLNET_DIFFUSERS,
        ),
        Signature(
            "lora",
            "kohya",
            "LoRA for SDXL",
            present=clues("lora_unet_input_blocks_*|lora_unet_output_blocks_*|lora_unet_middle_block_*|lora_te2_*"),
            absent=clues("lora_unet_double_blocks_*", "lora_unet_joint_blocks_*"),
        ),
        Signature(
            "lora",
            "diffusers",
            "LoRA for SDXL",
            present=clues(
                "text_encoder_2.*lora*|*blocks.1.attentions.0.transformer_blocks.1.*lora*"
                "|*mid_block*transformer_blocks.1.*lora*"
            ),
            absent=clues("transformer.*"),
        ),
    ),
)

SDXL_REFINER = Family(
    "sdxl-refiner",
    "SDXL refiner",
    heads=Heads(width=64),
    latent_scale=0.13025,
    signatures=(
        Signature(
            "denoiser",
            "ldm",
            "SDXL refiner UNet",
            present=clues(
                "input_blocks.10.0.in_layers.0.weight", "label_emb.0.0.weight", "output_blocks.0.0.in_layers.0.weight"
            ),
            absent=clues("input_blocks.1.1.*"),
            prefixes=DENOISER,
        ),
        Signature(
            "denoiser",
            "diffusers",
            "SDXL refiner UNet",
            present=clues(
                "down_blocks.3.resnets.0.norm1.weight",
                "add_embedding.linear_1.weight",
                "up_blocks.0.resnets.0.norm1.weight",
            ),
            key_map=UNET_DIFFUSERS,
        ),
    ),
)

SVD = Family(
    "svd",
    "Stable Video Diffusion",
    prediction="v",
    signatures=(
        Signature(
            "denoiser",
            "ldm",
            "Stable Video Diffusion UNet",
            present=clues("input_blocks.0.0.weight", "input_blocks.1.0.time_stack.*"),
            prefixes=DENOISER,
        ),
    ),
)
