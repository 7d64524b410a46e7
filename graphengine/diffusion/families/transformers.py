"""Families whose denoiser is a transformer: Stable Diffusion 3, Flux.1, CogVideoX. Recognised, not built yet."""

from graphengine.diffusion.families.family import Family, Signature, clues
from graphengine.diffusion.families.layouts import CONTROL, DENOISER

SD3 = Family(
    "sd3",
    "Stable Diffusion 3",
    prediction="flow",
    latent_channels=16,
    latent_scale=1.5305,
    latent_shift=0.0609,
    signatures=(
        Signature(
            "denoiser",
            "sd3",
            "Stable Diffusion 3 transformer",
            present=clues("joint_blocks.0.context_block.attn.qkv.weight"),
            absent=clues("joint_blocks.0.context_block.attn.ln_k.weight"),
            prefixes=DENOISER,
        ),
        Signature(
            "denoiser",
            "diffusers",
            "Stable Diffusion 3 transformer",
            present=clues("transformer_blocks.0.attn.add_q_proj.weight", "pos_embed.proj.weight"),
            absent=clues(
                "single_transformer_blocks.*", "transformer_blocks.0.attn.norm_k.weight", "controlnet_blocks.*"
            ),
        ),
        Signature("lora", "kohya", "LoRA for Stable Diffusion 3", present=clues("lora_unet_joint_blocks_*")),
        Signature(
            "lora",
            "diffusers",
            "LoRA for Stable Diffusion 3",
            present=clues("transformer.transformer_blocks.*lora*"),
            absent=clues("transformer.single_transformer_blocks.*"),
        ),
    ),
)

SD35 = Family(
    "sd3.5",
    "Stable Diffusion 3.5",
    prediction="flow",
    latent_channels=16,
    latent_scale=1.5305,
    latent_shift=0.0609,
    signatures=(
        Signature(
            "denoiser",
            "sd3",
            "Stable Diffusion 3.5 medium transformer",
            present=clues("joint_blocks.0.context_block.attn.ln_k.weight", "joint_blocks.0.x_block.attn2.ln_k.weight"),
            prefixes=DENOISER,
        ),
        Signature(
            "denoiser",
            "sd3",
            "Stable Diffusion 3.5 large transformer",
            present=clues("joint_blocks.0.context_block.attn.ln_k.weight"),
            absent=clues("joint_blocks.0.x_block.attn2.ln_k.weight"),
            prefixes=DENOISER,
        ),
        Signature(
            "denoiser",
            "diffusers",
            "Stable Diffusion 3.5 transformer",
            present=clues(
                "transformer_blocks.0.attn.add_q_proj.weight",
                "pos_embed.proj.weight",
                "transformer_blocks.0.attn.norm_k.weight",
            ),
            absent=clues("single_transformer_blocks.*", "controlnet_blocks.*"),
        ),
        Signature(
            "controlnet",
            "sd3",
            "ControlNet for Stable Diffusion 3.5",
            present=clues("controlnet_blocks.0.weight", "pos_embed_input.proj.weight"),
            prefixes=CONTROL,
        ),
    ),
)

FLUX = Family(
    "flux",
    "Flux.1",
    prediction="flow",
    latent_channels=16,
    latent_scale=0.3611,
    latent_shift=0.1159,
    signatures=(
        Signature(
            "denoiser",
            "flux",
            "Flux.1 dev transformer",
            present=clues("double_blocks.0.img_attn.qkv.weight", "guidance_in.in_layer.weight"),
            prefixes=DENOISER,
        ),
        Signature(
            "denoiser",
            "flux",
            "Flux.1 schnell transformer",
            present=clues("double_blocks.0.img_attn.qkv.weight"),
            absent=clues("guidance_in.in_layer.weight"),
            prefixes=DENOISER,
        ),
        Signature(
            "denoiser",
            "diffusers",
            "Flux.1 transformer",
            present=clues(
                "transformer_blocks.0.attn.add_q_proj.weight", "single_transformer_blocks.0.attn.to_q.weight"
            ),
        ),
        Signature(
            "lora", "kohya", "LoRA for Flux.1", present=clues("lora_unet_double_blocks_*|lora_unet_single_blocks_*")
        ),
        Signature(
            "lora", "diffusers", "LoRA for Flux.1", present=clues("transformer.single_transformer_blocks.*lora*")
        ),
        Signature(
            "lora",
            "flux",
            "LoRA for Flux.1",
            present=clues("double_blocks.*lora*|diffusion_model.double_blocks.*lora*"),
        ),
    ),
)

COGVIDEOX = Family(
    "cogvideox",
    "CogVideoX",
    prediction="v",
    latent_channels=16,
    latent_scale=0.7,
    signatures=(
        Signature(
            "denoiser",
            "diffusers",
            "CogVideoX transformer",
            present=clues("transformer_blocks.0.norm1.linear.weight", "patch_embed.text_proj.weight"),
        ),
        Signature(
            "denoiser",
            "sat",
            "CogVideoX transformer",
            present=clues("mixins.patch_embed.proj.weight"),
            prefixes=("model.diffusion_model.", ""),
        ),
        Signature(
            "autoencoder",
            "diffusers",
            "CogVideoX autoencoder",
            present=clues("encoder.down_blocks.0.resnets.0.conv1.conv.weight [* * * * *]"),
        ),
        Signature(
            "autoencoder",
            "sat",
            "CogVideoX autoencoder",
            present=clues("encoder.down.0.block.0.conv1.conv.weight [* * * * *]"),
            prefixes=("first_stage_model.", ""),
        ),
    ),
)
