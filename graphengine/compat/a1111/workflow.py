"""A picture of A1111's web UI as a workflow: the same checkpoint, LoRAs, prompts, samplers and second pass.

What has no counterpart is told in a note on the canvas. The picture will be like the one it came from, not the same:
there words are weighted, and noise is drawn, in other ways.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphengine.compat.a1111.infotext import Infotext, number_of, parse
from graphengine.graph.errors import DocumentError
from graphengine.graph.workflow import Link, Node, Workflow

# name there -> the sampler here, and the schedule that it takes where none is told
SAMPLERS: Mapping[str, tuple[str, str]] = {
    "DPM++ 2M": ("dpmpp_2m", "karras"),
    "DPM++ SDE": ("dpmpp_sde", "karras"),
    "DPM++ 2M SDE": ("dpmpp_2m_sde", "exponential"),
    "DPM++ 2M SDE Heun": ("dpmpp_2m_sde_heun", "exponential"),
    "DPM++ 2S a": ("dpmpp_2s_ancestral", "karras"),
    "DPM++ 3M SDE": ("dpmpp_3m_sde", "exponential"),
    "Euler a": ("euler_ancestral", "normal"),
    "Euler": ("euler", "normal"),
    "LMS": ("lms", "normal"),
    "Heun": ("heun", "normal"),
    "DPM2": ("dpm_2", "karras"),
    "DPM2 a": ("dpm_2_ancestral", "karras"),
    "DPM fast": ("dpm_fast", "normal"),
    "DPM adaptive": ("dpm_adaptive", "normal"),
    "DDIM": ("ddim", "ddim_uniform"),
    "PLMS": ("plms", "ddim_uniform"),
    "UniPC": ("uni_pc", "ddim_uniform"),
    "LCM": ("lcm", "sgm_uniform"),
}
SCHEDULES: Mapping[str, str] = {
    "Uniform": "normal",
    "Karras": "karras",
    "Exponential": "exponential",
    "Polyexponential": "exponential",  # the same where rho is 1, as it is there
    "SGM Uniform": "sgm_uniform",
    "KL Optimal": "kl_optimal",
    "Simple": "simple",
    "Normal": "normal",
    "DDIM": "ddim_uniform",
    "Beta": "beta",
}
AUTOMATIC = "Automatic"
LATENT_UPSCALERS: Mapping[str, str] = {
    "Latent": "bilinear",
    "Latent (antialiased)": "bilinear",
    "Latent (bicubic)": "bicubic",
    "Latent (bicubic antialiased)": "bicubic",
    "Latent (nearest)": "nearest-exact",
    "Latent (nearest-exact)": "nearest-exact",
}
SAME = ("Use same sampler", "Use same scheduler", "Use same checkpoint")  # values that say nothing
SILENT = ("Version", "User", "Model hash", "VAE hash", "Lora hashes", "TI hashes", "Hashes", "RNG", "Init image hash")
"""Keys that need no counterpart."""
NETWORK = re.compile(r"<(?P<kind>\w{1,40}):(?P<arguments>[^<>]{1,400})>")
UNREAD = {
    r"\[[^\[\]]*:[^\[\]]*\]": "prompt editing [a:b:n]",
    r"\[[^\[\]]*\|[^\[\]]*\]": "alternating words [a|b]",
    r"\bAND\b": "AND",
}
NOTE = {"pos": [-420.0, 0.0], "size": [360.0, 300.0]}


@dataclass
class _Building:
    """A workflow in the making: its nodes, and what of the text was taken into them."""

    told: Infotext
    nodes: dict[str, Node] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    lost: list[str] = field(default_factory=list)

    def add(self, id: str, kind: str, title: str = "", **inputs: Any) -> str:
        self.nodes[id] = Node(kind, {name: value for name, value in inputs.items() if value is not None}, title)
        return id

    def text(self, key: str) -> str | None:
        """A setting; None where it is not told, or says that it is as elsewhere."""
        self.taken.add(key)
        value = self.told.values.get(key)
        return None if value in SAME else value

    def number(self, key: str, kind: type[int] | type[float] = int, default: Any = None) -> Any:
        value = self.text(key)
        return default if value is None else number_of(key, value, kind)


def workflow_of(text: str) -> Workflow:
    """The workflow of an infotext.

    Raises:
        DocumentError: It has no settings, or one of them is no number where it must be.
    """
    told = parse(text)
    if not told.values:
        raise DocumentError("The picture's text has no settings of A1111's web UI in it, only a prompt.")
    making = _Building(told)
    model, clip, vae = _models(making)
    prompt, networks = _without_networks(making)
    for number, (name, te, unet) in enumerate(networks, 1):
        lora = making.add(
            f"lora_{number}", "LoraLoader", model=model, clip=clip, lora_name=f"{name}.safetensors",
            strength_model=unet, strength_clip=te,
        )  # fmt: skip
        model, clip = Link(lora, "model"), Link(lora, "clip")
    skip = making.number("Clip skip", default=1)
    if skip > 1:
        clip = Link(making.add("clip_skip", "CLIPSetLastLayer", clip=clip, stop_at_clip_layer=-skip), "clip")
    positive = Link(making.add("prompt", "CLIPTextEncode", "Prompt", clip=clip, text=prompt), "conditioning")
    negative = Link(
        making.add("negative", "CLIPTextEncode", "Negative prompt", clip=clip, text=told.negative), "conditioning"
    )
    latent = _sampled(making, model, positive, negative, vae)
    if _has_second_pass(told):
        latent = _second_pass(making, latent, clip, vae)
    image = Link(making.add("decode", "VAEDecode", samples=latent, vae=vae), "image")
    making.add("save", "SaveImage", images=image, filename_prefix="picture")
    return Workflow(making.nodes, layout={"notes": [{"text": _note(making), **NOTE}]})


def _models(making: _Building) -> tuple[Link, Link, Link]:
    name = making.text("Model")
    loader = making.add("checkpoint", "CheckpointLoaderSimple", ckpt_name=f"{name}.safetensors" if name else None)
    vae = making.text("VAE")
    if vae not in (None, "None", AUTOMATIC):
        return Link(loader, "model"), Link(loader, "clip"), Link(making.add("vae", "VAELoader", vae_name=vae), "vae")
    return Link(loader, "model"), Link(loader, "clip"), Link(loader, "vae")


def _without_networks(making: _Building) -> tuple[str, list[tuple[str, float, float]]]:
    """The prompt without its tags, and the LoRAs that they name: strengths for the text encoder and the denoiser."""
    found: list[tuple[str, float, float]] = []

    def take(tag: re.Match[str]) -> str:
        name, *arguments = tag["arguments"].split(":")
        if tag["kind"] not in ("lora", "lyco"):
            making.lost.append(f"{tag[0]}: such networks")
            return ""
        named = dict(argument.split("=", 1) for argument in arguments if "=" in argument)
        plain = [argument for argument in arguments if "=" not in argument]
        te = named.get("te") or (plain[0] if plain else "1")
        unet = named.get("unet") or (plain[1] if len(plain) > 1 else te)
        found.append((name, number_of(tag[0], te, float), number_of(tag[0], unet, float)))
        return ""

    prompt = NETWORK.sub(take, making.told.prompt).strip()
    for pattern, name in UNREAD.items():
        if re.search(pattern, prompt[:100_000]):
            making.lost.append(f"{name}: taken as plain text")
    return prompt, found


def _sampled(making: _Building, model: Link, positive: Link, negative: Link, vae: Link) -> Link:
    """The first pass; from a picture where one was changed."""
    width, height = (making.number(f"Size-{axis}", default=512) for axis in "12")
    steps, strength = making.number("Steps", default=20), 1.0
    if _has_second_pass(making.told) or "Denoising strength" not in making.told.values:
        empty = making.add("empty", "EmptyLatentImage", width=width, height=height, batch_size=1)
        latent = Link(empty, "latent")
    else:
        strength = making.number("Denoising strength", float)
        steps = max(1, int(min(strength, 0.999) * steps) + 1)  # so many of all steps were done
        making.lost.append("the picture that was changed: choose it in 'The picture to change'")
        picture = Link(making.add("source", "LoadImage", "The picture to change"), "image")
        scaled = making.add(
            "scale", "ImageScale", image=picture, upscale_method="lanczos", width=width, height=height, crop="disabled"
        )
        latent = Link(making.add("encode", "VAEEncode", pixels=Link(scaled, "image"), vae=vae), "latent")
    sampler, schedule = _sampler(making, making.text("Sampler"), making.text("Schedule type"))
    sampled = making.add(
        "sampler", "KSampler", model=model, positive=positive, negative=negative, latent_image=latent,
        seed=making.number("Seed", default=0), steps=steps, cfg=making.number("CFG scale", float, 7.0),
        sampler_name=sampler, scheduler=schedule, denoise=strength,
    )  # fmt: skip
    return Link(sampled, "latent")


def _sampler(making: _Building, name: str | None, schedule: str | None) -> tuple[str, str]:
    """The sampler and schedule of names as they are told there, joined in old pictures ("DPM++ 2M Karras")."""
    name = name or "Euler a"
    joined = next((label for label in SCHEDULES if name.endswith(f" {label}")), None)
    if joined is not None and name not in SAMPLERS:
        name, schedule = name.removesuffix(f" {joined}"), schedule or joined
    if name not in SAMPLERS:
        making.lost.append(f"the sampler {name}: Euler stands in for it")
    sampler, own = SAMPLERS.get(name, ("euler", "normal"))
    if schedule in (None, AUTOMATIC):
        return sampler, own
    if schedule not in SCHEDULES:
        making.lost.append(f"the schedule {schedule}: {own} stands in for it")
    return sampler, SCHEDULES.get(schedule, own)


def _has_second_pass(told: Infotext) -> bool:
    own = ("Hires upscale", "Hires upscaler", "Hires resize-1")
    return "Denoising strength" in told.values and any(key in told.values for key in own)


def _second_pass(making: _Building, latent: Link, clip: Link, vae: Link) -> Link:
    """The latents scaled, and sampled once more ("hires fix")."""
    first = making.nodes["sampler"].inputs
    width, height = _second_size(making)
    upscaler = making.text("Hires upscaler") or "Latent"
    if upscaler in LATENT_UPSCALERS:
        scaled = making.add(
            "hires_scale", "LatentUpscale", samples=latent, upscale_method=LATENT_UPSCALERS[upscaler],
            width=width, height=height, crop="disabled",
        )  # fmt: skip
        latent = Link(scaled, "latent")
    else:
        if upscaler not in ("Lanczos", "None"):
            making.lost.append(f"the upscaler {upscaler}: Lanczos stands in for it")
        image = Link(making.add("hires_decode", "VAEDecode", samples=latent, vae=vae), "image")
        scaled = making.add(
            "hires_scale", "ImageScale", image=image, upscale_method="lanczos", width=width, height=height,
            crop="disabled",
        )  # fmt: skip
        latent = Link(making.add("hires_encode", "VAEEncode", pixels=Link(scaled, "image"), vae=vae), "latent")
    own: dict[str, Any] = {}
    for input, key in (("positive", "Hires prompt"), ("negative", "Hires negative prompt")):
        text = making.text(key)
        if text is not None:
            making.lost += [f"{tag[0]} of the second pass: that of the first stays" for tag in NETWORK.finditer(text)]
            node = making.add(f"hires_{input}", "CLIPTextEncode", key, clip=clip, text=NETWORK.sub("", text).strip())
            own[input] = Link(node, "conditioning")
    name, schedule = making.text("Hires sampler"), making.text("Hires schedule type")
    if name or schedule:
        sampler, scheduler = _sampler(making, name or making.text("Sampler"), schedule or making.text("Schedule type"))
        own |= {"sampler_name": sampler, "scheduler": scheduler}
    steps = making.number("Hires steps", default=0) or first["steps"]
    strength = making.number("Denoising strength", float)
    again = {**first, **own, "latent_image": latent, "steps": steps, "denoise": strength}
    return Link(making.add("hires_sampler", "KSampler", "Second pass", **again), "latent")


def _second_size(making: _Building) -> tuple[int, int]:
    """Pixels: those told (one of them may be 0), or the first size times a factor."""
    width, height = (making.number(f"Size-{axis}", default=512) for axis in "12")
    factor = making.number("Hires upscale", float, 2.0)
    sides = [making.number(f"Hires resize-{axis}", default=0) for axis in "12"]
    for axis in "12":
        making.taken.add(f"First pass size-{axis}")
    if not any(sides):
        return int(width * factor), int(height * factor)
    if not all(sides):
        return sides[0] or sides[1] * width // max(1, height), sides[1] or sides[0] * height // max(1, width)
    return sides[0], sides[1]


def _note(making: _Building) -> str:
    left = {key: value for key, value in making.told.values.items() if key not in making.taken and key not in SILENT}
    lost = [*making.lost, *(f"{key}: {value[:200]}" for key, value in left.items())]
    lines = ["Read from a picture of A1111's web UI. What this makes is like it, not the same to the pixel."]
    return "\n".join(lines + (["", "Not taken over:", *lost] if lost else []))
