"""A picture of A1111's web UI as a workflow: the same checkpoint, LoRAs, prompts, samplers and second pass.

What has no counterpart is told in a note on the canvas. The picture will be like the one it came from, not the same:
there words are weighted, and noise is drawn, in other ways.
"""

from graphengine.compat.a1111.infotext import parse
from graphengine.compat.a1111.making import Making
from graphengine.compat.a1111.names import AUTOMATIC
from graphengine.compat.a1111.networks import without_networks
from graphengine.compat.a1111.passes import first_pass, has_second_pass, second_pass
from graphengine.graph.errors import DocumentError
from graphengine.graph.workflow import Link, Workflow

ENDINGS = (".safetensors", ".sft", ".ckpt", ".pt", ".pth", ".bin")
NOTE = {"pos": [-420.0, 0.0], "size": [360.0, 300.0]}


def workflow_of(text: str) -> Workflow:
    """The workflow of an infotext.

    Raises:
        DocumentError: It has no settings, or one of them is no number where it must be.
    """
    told = parse(text)
    if not told.values:
        raise DocumentError("The picture's text has no settings of A1111's web UI in it, only a prompt.")
    making = Making(told)
    model, clip, vae = _models(making)
    prompt, networks = without_networks(making)
    for number, (name, te, unet) in enumerate(networks, 1):
        lora = making.add(
            f"lora_{number}", "LoraLoader", model=model, clip=clip, lora_name=file_of(name),
            strength_model=unet, strength_clip=te,
        )  # fmt: skip
        model, clip = Link(lora, "model"), Link(lora, "clip")
    skip = making.number("Clip skip", default=1)
    if skip > 1:
        clip = Link(making.add("clip_skip", "CLIPSetLastLayer", clip=clip, stop_at_clip_layer=-skip), "clip")
    positive = making.encoded("prompt", "Prompt", clip, prompt)
    negative = making.encoded("negative", "Negative prompt", clip, told.negative)
    latent = first_pass(making, model, positive, negative, vae)
    if has_second_pass(told):
        latent = second_pass(making, latent, clip, vae)
    image = Link(making.add("decode", "VAEDecode", samples=latent, vae=vae), "image")
    making.add("save", "SaveImage", images=image, filename_prefix="picture")
    return Workflow(making.nodes, layout={"notes": [{"text": making.note(), **NOTE}]})


def file_of(name: str) -> str:
    """The file of a model: names have no ending there, though some programs write one."""
    return name if name.lower().endswith(ENDINGS) else f"{name}.safetensors"


def _models(making: Making) -> tuple[Link, Link, Link]:
    name = making.text("Model")
    loader = making.add("checkpoint", "CheckpointLoaderSimple", ckpt_name=file_of(name) if name else None)
    vae = making.text("VAE")
    if vae not in (None, "None", AUTOMATIC):
        return Link(loader, "model"), Link(loader, "clip"), Link(making.add("vae", "VAELoader", vae_name=vae), "vae")
    return Link(loader, "model"), Link(loader, "clip"), Link(loader, "vae")
