"""Stable Diffusion 1.1 to 1.5 and everything made from it."""

from graphengine.diffusion.families.family import Family, Heads, Signature, clues
from graphengine.diffusion.families.layouts import CONTROL, DENOISER
from graphengine.diffusion.weights.keymap import CONTROLNET_DIFFUSERS, UNET_DIFFUSERS

UNET = clues("output_blocks.0.0.in_layers.0.weight", "input_blocks.1.1.proj_in.weight [* * 1 1]")
UNET_NOT = clues("label_emb.*", "input_hint_block.*", "*.time_stack.*")
DIFFUSERS_UNET = clues("up_blocks.0.resnets.0.norm1.weight", "down_blocks.0.attentions.0.proj_in.weight [* * 1 1]")
DIFFUSERS_UNET_NOT = clues("add_embedding.*", "controlnet_cond_embedding.*")

SD1 = Family(
    name="sd1",
    title="Stable Diffusion 1",
    supported=True,
    heads=Heads(count=8),
    signatures=(
        Signature(
            "denoiser",
            "ldm",
            "Stable Diffusion 1 UNet",
            present=clues("input_blocks.0.0.weight [* 4 3 3]") + UNET,
            absent=UNET_NOT,
            prefixes=DENOISER,
        ),
        Signature(
            "denoiser",
            "ldm",
            "Stable Diffusion 1 inpainting UNet",
            present=clues("input_blocks.0.0.weight [* 9 3 3]") + UNET,
            absent=UNET_NOT,
            prefixes=DENOISER,
        ),
        Signature(
            "denoiser",
            "ldm",
            "Stable Diffusion 1 picture-editing UNet (InstructPix2Pix)",
            present=clues("input_blocks.0.0.weight [* 8 3 3]") + UNET,
            absent=UNET_NOT,
            prefixes=("model.diffusion_model.",),
        ),
        Signature(
            "denoiser",
            "diffusers",
            "Stable Diffusion 1 UNet",
            present=clues("conv_in.weight [* 4 3 3]") + DIFFUSERS_UNET,
            absent=DIFFUSERS_UNET_NOT,
            key_map=UNET_DIFFUSERS,
        ),
        Signature(
            "denoiser",
            "diffusers",
            "Stable Diffusion 1 inpainting UNet",
            present=clues("conv_in.weight [* 9 3 3]") + DIFFUSERS_UNET,
            absent=DIFFUSERS_UNET_NOT,
            key_map=UNET_DIFFUSERS,
        ),
        Signature(
            "offsets",
            "diffusers",
            "IC-Light offsets for Stable Diffusion 1",
            present=clues("conv_in.weight [* 8|12 3 3]") + DIFFUSERS_UNET,
            absent=DIFFUSERS_UNET_NOT,
            key_map=UNET_DIFFUSERS,
        ),
        Signature(
            "offsets",
            "ldm",
            "IC-Light offsets for Stable Diffusion 1",
            present=clues("input_blocks.0.0.weight [* 8|12 3 3]") + UNET,
            absent=UNET_NOT,
            prefixes=("diffusion_model.", ""),
        ),
        Signature(
            "controlnet",
            "ldm",
            "ControlNet for Stable Diffusion 1",
            present=clues(
                "input_hint_block.0.weight", "zero_convs.0.0.weight", "input_blocks.1.1.proj_in.weight [* * 1 1]"
            ),
            absent=clues("label_emb.*"),
            prefixes=CONTROL,
        ),
        Signature(
            "controlnet",
            "diffusers",
            "ControlNet for Stable Diffusion 1",
            present=clues(
                "controlnet_cond_embedding.conv_in.weight", "down_blocks.0.attentions.0.proj_in.weight [* * 1 1]"
            ),
            absent=clues("add_embedding.*"),
            key_map=CONTROLNET_DIFFUSERS,
        ),
        Signature(
            "ctrlora_base",
            "ldm",
            "CtrLoRA base for Stable Diffusion 1",
            present=clues("input_blocks.0.0.weight", "zero_convs.0.0.weight"),
            absent=clues("input_hint_block.*", "loras_dict.*"),
            prefixes=CONTROL,
        ),
        Signature(
            "ctrlora_condition",
            "ldm",
            "CtrLoRA condition for Stable Diffusion 1",
            present=clues("time_embed.0.lora_layer.down.weight", "zero_convs.0.0.weight"),
            absent=clues("input_blocks.0.0.weight"),
            prefixes=CONTROL,
        ),
        Signature(
            "ctrlora_training",
            "ldm",
            "CtrLoRA base training checkpoint for Stable Diffusion 1",
            present=clues("input_blocks.0.0.weight", "loras_dict.*"),
            prefixes=CONTROL,
        ),
        Signature(
            "lora",
            "kohya",
            "LoRA for Stable Diffusion 1",
            present=clues("lora_unet_down_blocks_*|lora_unet_mid_block_*|lora_unet_up_blocks_*|lora_te_*"),
            absent=clues(
                "lora_te2_*",
                "lora_unet_*attn2_to_k.lora_down.weight [* 1024]",
                "lora_te_*_fc1.lora_down.weight [* 1024]",
            ),
        ),
        Signature(
            "lora",
            "diffusers",
            "LoRA for Stable Diffusion 1",
            present=clues("*down_blocks.*lora*|*mid_block.*lora*|*up_blocks.*lora*|text_encoder.*lora*"),
            absent=clues(
                "text_encoder_2.*",
                "*blocks.1.attentions.0.transformer_blocks.1.*",
                "*mid_block*transformer_blocks.1.*",
                "*attn2.to_k*down.weight|*attn2.to_k*lora_A.weight [* 1024|2048]",
            ),
        ),
    ),
)
