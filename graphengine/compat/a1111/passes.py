"""The passes of sampling: the first, and the second that makes its picture larger."""

from collections.abc import Mapping
from typing import Any

from graphengine.compat.a1111.infotext import Infotext
from graphengine.compat.a1111.making import Making
from graphengine.compat.a1111.names import sampler_of
from graphengine.compat.a1111.networks import NETWORK
from graphengine.graph.workflow import Link

LATENT_UPSCALERS: Mapping[str, str] = {
    "Latent": "bilinear",
    "Latent (antialiased)": "bilinear",
    "Latent (bicubic)": "bicubic",
    "Latent (bicubic antialiased)": "bicubic",
    "Latent (nearest)": "nearest-exact",
    "Latent (nearest-exact)": "nearest-exact",
}
MOST_CHANGED = 0.999  # of a picture
TRAINED = 1000  # steps that the models were trained on; where DDIM's stride does not divide them, there is one more


def first_pass(making: Making, model: Link, positive: Link, negative: Link, vae: Link) -> Link:
    """The first pass; from a picture where one was changed."""
    width, height = (making.number(f"Size-{axis}", default=512) for axis in "12")
    sampler, schedule = sampler_of(making, making.text("Sampler"), making.text("Schedule type"))
    steps, seed = making.number("Steps", default=20), making.number("Seed", default=0)
    inputs: dict[str, Any] = {
        "model": model, "positive": positive, "negative": negative, "cfg": making.number("CFG scale", float, 7.0),
        "sampler_name": sampler, "scheduler": schedule, "steps": steps,
    }  # fmt: skip
    if has_second_pass(making.told) or "Denoising strength" not in making.told.values:
        empty = making.add("empty", "EmptyLatentImage", width=width, height=height, batch_size=1)
        sampled = making.add(
            "sampler", "KSampler", **inputs, seed=seed, latent_image=Link(empty, "latent"), denoise=1.0
        )
        return Link(sampled, "latent")
    making.lost.append("the picture that was changed: choose it in 'The picture to change'")
    picture = Link(making.add("source", "LoadImage", "The picture to change"), "image")
    scaled = making.add(
        "scale", "ImageScale", image=picture, upscale_method="lanczos", width=width, height=height, crop="disabled"
    )
    latent = Link(making.add("encode", "VAEEncode", pixels=Link(scaled, "image"), vae=vae), "latent")
    start = _first_step(steps, making.number("Denoising strength", float), schedule)
    sampled = making.add(
        "sampler", "KSamplerAdvanced", **inputs, noise_seed=seed, latent_image=latent, start_at_step=start
    )
    return Link(sampled, "latent")


def _first_step(steps: int, strength: float, schedule: str) -> int:
    """Where in the whole schedule the change of a picture begins: its share of the steps is done, and one more."""
    levels = len(range(1, TRAINED, max(TRAINED // max(steps, 1), 1))) if schedule == "ddim_uniform" else steps
    return max(0, levels - int(min(strength, MOST_CHANGED) * steps) - 1)


def has_second_pass(told: Infotext) -> bool:
    own = ("Hires upscale", "Hires upscaler", "Hires resize-1")
    return "Denoising strength" in told.values and any(key in told.values for key in own)


def second_pass(making: Making, latent: Link, clip: Link, vae: Link) -> Link:
    """The latents scaled, and sampled once more ("hires fix"): all its steps, the end of a longer schedule."""
    first = making.nodes["sampler"].inputs
    width, height, crop = _second_size(making)
    upscaler = making.text("Hires upscaler") or "Latent"
    if upscaler in LATENT_UPSCALERS:
        scaled = making.add(
            "hires_scale", "LatentUpscale", samples=latent, upscale_method=LATENT_UPSCALERS[upscaler],
            width=width, height=height, crop=crop,
        )  # fmt: skip
        latent = Link(scaled, "latent")
    else:
        if upscaler not in ("Lanczos", "None"):
            making.lost.append(f"the upscaler {upscaler}: Lanczos stands in for it")
        image = Link(making.add("hires_decode", "VAEDecode", samples=latent, vae=vae), "image")
        scaled = making.add(
            "hires_scale", "ImageScale", image=image, upscale_method="lanczos", width=width, height=height,
            crop=crop,
        )  # fmt: skip
        latent = Link(making.add("hires_encode", "VAEEncode", pixels=Link(scaled, "image"), vae=vae), "latent")
    own: dict[str, Any] = {}
    for input, key in (("positive", "Hires prompt"), ("negative", "Hires negative prompt")):
        text = making.text(key)
        if text is not None:
            making.lost += [f"{tag[0]} of the second pass: that of the first stays" for tag in NETWORK.finditer(text)]
            own[input] = making.encoded(f"hires_{input}", key, clip, NETWORK.sub("", text).strip())
    name, schedule = making.text("Hires sampler"), making.text("Hires schedule type")
    if name or schedule:
        sampler, scheduler = sampler_of(
            making, name or making.text("Sampler"), schedule or making.text("Schedule type")
        )
        own |= {"sampler_name": sampler, "scheduler": scheduler}
    steps = making.number("Hires steps", default=0) or first["steps"]
    strength = making.number("Denoising strength", float)
    again = {**first, **own, "latent_image": latent, "steps": steps, "denoise": strength}
    return Link(making.add("hires_sampler", "KSampler", "Second pass", **again), "latent")


def _second_size(making: Making) -> tuple[int, int, str]:
    """Pixels: those told (one of them may be 0), or the first size times a factor; and how other proportions are met.

    Where both sides are told the picture covers them, and what is too much is cut off.
    """
    width, height = (making.number(f"Size-{axis}", default=512) for axis in "12")
    factor = making.number("Hires upscale", float, 2.0)
    sides = [making.number(f"Hires resize-{axis}", default=0) for axis in "12"]
    for axis in "12":
        making.taken.add(f"First pass size-{axis}")
    if all(sides):
        return sides[0], sides[1], "center"
    if not any(sides):
        return int(width * factor), int(height * factor), "disabled"
    wide, high = sides[0] or sides[1] * width // max(1, height), sides[1] or sides[0] * height // max(1, width)
    return wide, high, "disabled"
