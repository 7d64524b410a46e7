"""Stable Diffusion 1 from token ids to pictures."""

from torch import Tensor, cat, tensor

from ddim import ddim, ddim_timesteps
from harness import Case, Outputs, golden
from networks import autoencoder, text_encoder, unet


@golden("sd1_txt2img")
def sd1_txt2img(case: Case) -> Outputs:
    network, clip, vae, given = unet(case), text_encoder(case), autoencoder(case), case.inputs
    sampling, scale = case.config["sampling"], case.config["model"]["params"]["scale_factor"]
    alphas_cumprod = case.weights()["alphas_cumprod"]
    context, uncond = (clip.context(clip(given[name])) for name in ("tokens", "tokens_uncond"))

    def eps(x: Tensor, timestep: Tensor) -> Tensor:
        both = cat([uncond[: len(x)], context[: len(x)]])
        without, wanted = network(cat([x, x]), cat([timestep, timestep]), both).chunk(2)
        return without + sampling["guidance_scale"] * (wanted - without)

    timesteps = ddim_timesteps(sampling["steps"], alphas_cumprod)
    latents = list(ddim(eps, given["x_T"], timesteps, alphas_cumprod))
    yield "context", context
    yield "context_uncond", uncond
    yield "timesteps", timesteps
    yield "latent_after_first_step", latents[0]
    yield "latent", latents[-1]
    yield "decoded_first", vae.decode(latents[-1][:1] / scale)

    timesteps = ddim_timesteps(sampling["img2img_steps"], alphas_cumprod)
    first = int(sampling["img2img_strength"] * sampling["img2img_steps"])
    alpha = alphas_cumprod[timesteps[first]]
    clean = scale * vae.encode(given["init_image"]).sample(given["vae_noise"])
    noised = alpha.sqrt() * clean + (1 - alpha).sqrt() * given["encode_noise"]
    yield "img2img_init_latent", clean
    yield "img2img_t_enc", tensor([first])
    yield "img2img_noised", noised
    yield "img2img_latent", list(ddim(eps, noised, timesteps[:first], alphas_cumprod))[-1]


@golden("sd1_clip_long_prompt")
def sd1_clip_long_prompt(case: Case) -> Outputs:
    clip, config = text_encoder(case), case.config["clip_text_config"]
    start, end, pad = (config[f"{name}_token_id"] for name in ("bos", "eos", "pad"))
    room = config["max_position_embeddings"] - 2

    def chunks(raw: Tensor) -> Tensor:
        kept = raw[raw >= 0]
        pieces = [kept[first : first + room] for first in range(0, 3 * room, room)]
        padding = [raw.new_full((room - len(piece),), pad) for piece in pieces]
        rows = [
            cat([raw.new_tensor([start]), piece, raw.new_tensor([end]), rest])
            for piece, rest in zip(pieces, padding, strict=True)
        ]
        return cat([row[None] for row in rows])

    encoded = [(clip(tokens), tokens) for tokens in map(chunks, case.inputs["raw_tokens"])]
    for skip in case.config["clip_skips"]:
        contexts = [clip.context(states, max(skip, 1)).flatten(0, 1) for states, _ in encoded]
        yield f"context_clip_skip_{skip}", cat([context[None] for context in contexts])
