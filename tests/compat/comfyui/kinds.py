"""Specs of the kinds that the example workflows use, from what their slots and their API graphs show."""

from typing import Any

from graphengine.graph.spec import InputSpec, NodeSpec, OutputSpec

# kind -> inputs, outputs. "name" of a socket is its type in capitals; a widget is "name=TYPE", an optional one "name?".
TABLE = {
    "CheckpointLoaderSimple": ("ckpt_name=COMBO", "MODEL CLIP VAE"),
    "CLIPTextEncode": ("text=STRING clip:CLIP", "CONDITIONING"),
    "CLIPSetLastLayer": ("clip:CLIP stop_at_clip_layer=INT", "CLIP"),
    "VAEDecode": ("samples:LATENT vae:VAE", "IMAGE"),
    "VAEEncode": ("pixels:IMAGE vae:VAE", "LATENT"),
    "VAEEncodeForInpaint": ("pixels:IMAGE vae:VAE mask:MASK grow_mask_by=INT", "LATENT"),
    "VAELoader": ("vae_name=COMBO", "VAE"),
    "EmptyLatentImage": ("width=INT height=INT batch_size=INT", "LATENT"),
    "EmptySD3LatentImage": ("width=INT height=INT batch_size=INT", "LATENT"),
    "KSampler": (
        "model:MODEL seed=INT steps=INT cfg=FLOAT sampler_name=COMBO scheduler=COMBO positive:CONDITIONING "
        "negative:CONDITIONING latent_image:LATENT denoise=FLOAT",
        "LATENT",
    ),
    "KSamplerAdvanced": (
        "model:MODEL add_noise=COMBO noise_seed=INT steps=INT cfg=FLOAT sampler_name=COMBO scheduler=COMBO "
        "positive:CONDITIONING negative:CONDITIONING latent_image:LATENT start_at_step=INT end_at_step=INT "
        "return_with_leftover_noise=COMBO",
        "LATENT",
    ),
    "SaveImage": ("images:IMAGE filename_prefix=STRING", ""),
    "PreviewImage": ("images:IMAGE", ""),
    "LoadImage": ("image=FILE", "IMAGE MASK"),
    "ImageScale": ("image:IMAGE upscale_method=COMBO width=INT height=INT crop=COMBO", "IMAGE"),
    "ImageScaleToTotalPixels": ("image:IMAGE upscale_method=COMBO megapixels=FLOAT resolution_steps=INT", "IMAGE"),
    "ImagePadForOutpaint": ("image:IMAGE left=INT top=INT right=INT bottom=INT feathering=INT", "IMAGE MASK"),
    "UpscaleModelLoader": ("model_name=COMBO", "UPSCALE_MODEL"),
    "ImageUpscaleWithModel": ("upscale_model:UPSCALE_MODEL image:IMAGE", "IMAGE"),
    "LatentUpscale": ("samples:LATENT upscale_method=COMBO width=INT height=INT crop=COMBO", "LATENT"),
    "LatentComposite": ("samples_to:LATENT samples_from:LATENT x=INT y=INT feather=INT", "LATENT"),
    "RepeatLatentBatch": ("samples:LATENT amount=INT", "LATENT"),
    "ConditioningCombine": ("conditioning_1:CONDITIONING conditioning_2:CONDITIONING", "CONDITIONING"),
    "ConditioningSetArea": (
        "conditioning:CONDITIONING width=INT height=INT x=INT y=INT strength=FLOAT",
        "CONDITIONING",
    ),
    "ConditioningZeroOut": ("conditioning:CONDITIONING", "CONDITIONING"),
    "ControlNetLoader": ("control_net_name=COMBO", "CONTROL_NET"),
    "ControlNetApply": (
        "conditioning:CONDITIONING control_net:CONTROL_NET image:IMAGE strength=FLOAT",
        "CONDITIONING",
    ),
    "ControlNetApplyAdvanced": (
        "positive:CONDITIONING negative:CONDITIONING control_net:CONTROL_NET image:IMAGE strength=FLOAT "
        "start_percent=FLOAT end_percent=FLOAT vae?:VAE",
        "CONDITIONING CONDITIONING",
    ),
    "Canny": ("image:IMAGE low_threshold=FLOAT high_threshold=FLOAT", "IMAGE"),
    "CLIPVisionLoader": ("clip_name=COMBO", "CLIP_VISION"),
    "CLIPVisionEncode": ("clip_vision:CLIP_VISION image:IMAGE", "CLIP_VISION_OUTPUT"),
    "unCLIPConditioning": (
        "conditioning:CONDITIONING clip_vision_output:CLIP_VISION_OUTPUT strength=FLOAT noise_augmentation=FLOAT",
        "CONDITIONING",
    ),
    "GLIGENLoader": ("gligen_name=COMBO", "GLIGEN"),
    "GLIGENTextBoxApply": (
        "conditioning_to:CONDITIONING clip:CLIP gligen_textbox_model:GLIGEN text=STRING width=INT height=INT "
        "x=INT y=INT",
        "CONDITIONING",
    ),
    "HypernetworkLoader": ("model:MODEL hypernetwork_name=COMBO strength=FLOAT", "MODEL"),
    "LoraLoader": ("model:MODEL clip:CLIP lora_name=COMBO strength_model=FLOAT strength_clip=FLOAT", "MODEL CLIP"),
    "ModelSamplingDiscrete": ("model:MODEL sampling=COMBO zsnr=BOOLEAN", "MODEL"),
    "ModelSamplingContinuousEDM": ("model:MODEL sampling=COMBO sigma_max=FLOAT sigma_min=FLOAT", "MODEL"),
    "ModelMergeSimple": ("model1:MODEL model2:MODEL ratio=FLOAT", "MODEL"),
    "ModelMergeBlocks": ("model1:MODEL model2:MODEL input=FLOAT middle=FLOAT out=FLOAT", "MODEL"),
    "ModelMergeSubtract": ("model1:MODEL model2:MODEL multiplier=FLOAT", "MODEL"),
    "ModelMergeAdd": ("model1:MODEL model2:MODEL", "MODEL"),
    "ModelMergeSDXL": (
        "model1:MODEL model2:MODEL time_embed.=FLOAT label_emb.=FLOAT "
        + " ".join(f"input_blocks.{i}=FLOAT" for i in range(9))
        + " "
        + " ".join(f"middle_block.{i}=FLOAT" for i in range(3))
        + " "
        + " ".join(f"output_blocks.{i}=FLOAT" for i in range(9))
        + " out.=FLOAT",
        "MODEL",
    ),
    "CLIPMergeSubtract": ("clip1:CLIP clip2:CLIP multiplier=FLOAT", "CLIP"),
    "CLIPMergeAdd": ("clip1:CLIP clip2:CLIP", "CLIP"),
    "CheckpointSave": ("model:MODEL clip:CLIP vae:VAE filename_prefix=STRING", ""),
    "KSamplerSelect": ("sampler_name=COMBO", "SAMPLER"),
    "RandomNoise": ("noise_seed=INT", "NOISE"),
    "BasicScheduler": ("model:MODEL scheduler=COMBO steps=INT denoise=FLOAT", "SIGMAS"),
    "InstructPixToPixConditioning": (
        "positive:CONDITIONING negative:CONDITIONING vae:VAE pixels:IMAGE",
        "CONDITIONING CONDITIONING LATENT",
    ),
    "DualCFGGuider": (
        "model:MODEL cond1:CONDITIONING cond2:CONDITIONING negative:CONDITIONING cfg_conds=FLOAT "
        "cfg_cond2_negative=FLOAT",
        "GUIDER",
    ),
    "SamplerCustomAdvanced": (
        "noise:NOISE guider:GUIDER sampler:SAMPLER sigmas:SIGMAS latent_image:LATENT",
        "LATENT LATENT",
    ),
}


def _input(text: str) -> InputSpec:
    name, _, type = (*text.partition("="),) if "=" in text else (*text.partition(":"),)
    optional = name.endswith("?")
    name = name.rstrip("?")
    more: dict[str, Any] = {"optional": optional}
    if type == "FILE":
        type, more = "COMBO", {"source": "input", "file": True}
    return InputSpec(name, type, seed="seed" in name, **more)


def _spec(kind: str) -> NodeSpec:
    inputs, outputs = TABLE[kind]
    types = outputs.split()
    names = [type.lower() if types.count(type) == 1 else f"{type.lower()}{i}" for i, type in enumerate(types)]
    return NodeSpec(
        kind,
        tuple(_input(text) for text in inputs.split()),
        tuple(OutputSpec(name, type) for name, type in zip(names, types, strict=True)),
    )


SPECS = {kind: _spec(kind) for kind in TABLE}
