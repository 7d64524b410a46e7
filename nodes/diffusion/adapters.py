"""What changes a model from outside: LoRA files and control networks."""

from dataclasses import replace
from typing import Annotated, NamedTuple

from graphengine.api import Choices, Files, NodeError, Range, node
from graphengine.diffusion.adapters.lora import read_lora, with_lora
from graphengine.diffusion.types import Control
from graphengine.ports import Clip, Conditioning, ControlNet, Image, Model, Vae

from .reading import reading
from .values import pictures

LoraFile = Annotated[str, Choices("loras")]
Weight = Annotated[float, Range(-100.0, 100.0, 0.01)]
Strength = Annotated[float, Range(0.0, 10.0, 0.01)]
Moment = Annotated[float, Range(0.0, 1.0, 0.001)]


class Adapted(NamedTuple):
    model: Model
    clip: Clip


@node(category="loaders", title="Load LoRA", resource="io")
def LoraLoader(
    model: Model,
    clip: Clip,
    lora_name: LoraFile,
    strength_model: Weight = 1.0,
    strength_clip: Weight = 1.0,
    *,
    files: Files,
) -> Adapted:
    """Change a denoiser and its text encoder by a LoRA. Several of them add up.

    Args:
        lora_name: File among the LoRAs.
        strength_model: How much of it the denoiser takes; may be negative.
        strength_clip: How much of it the text encoder takes; may be negative.
    """
    with reading("lora_name"):
        lora = read_lora(files.model("loras", lora_name))
        return Adapted(*with_lora(model, clip, lora, strength_model, strength_clip))


@node(category="loaders", title="Load LoRA (Model Only)", resource="io")
def LoraLoaderModelOnly(model: Model, lora_name: LoraFile, strength_model: Weight = 1.0, *, files: Files) -> Model:
    """Change a denoiser by a LoRA.

    Args:
        lora_name: File among the LoRAs.
        strength_model: How much of it the denoiser takes; may be negative.
    """
    with reading("lora_name"):
        patch = read_lora(files.model("loras", lora_name)).patch(model.part, strength_model)
    if patch is None:
        raise NodeError(
            f"'{lora_name}' changes nothing in {model.part.name}.",
            "Choose a LoRA that was made for this family of models.",
            input="lora_name",
        )
    if strength_model == 0:
        return model
    return replace(model, part=replace(model.part, patches=(*model.part.patches, patch)))


@node(category="conditioning/controlnet", title="Apply ControlNet (OLD)", deprecated=True)
def ControlNetApply(
    conditioning: Conditioning, control_net: ControlNet, image: Image, strength: Strength = 1.0
) -> Conditioning:
    """Let a control network steer all the way: both passes, where the negative has no control of its own.

    Args:
        conditioning: Of the positive pass.
        image: What the network was trained to follow: edges, depth, poses, ...
        strength: 0 is off.
    """
    if strength == 0:
        return conditioning
    return _controlled(conditioning, Control(control_net, pictures(image, "image"), strength))


class Steered(NamedTuple):
    positive: Conditioning
    negative: Conditioning


@node(category="conditioning/controlnet", title="Apply ControlNet")
def ControlNetApplyAdvanced(
    positive: Conditioning,
    negative: Conditioning,
    control_net: ControlNet,
    image: Image,
    strength: Strength = 1.0,
    start_percent: Moment = 0.0,
    end_percent: Moment = 1.0,
    vae: Vae | None = None,
) -> Steered:
    """Let a control network steer both passes for a part of the schedule.

    Args:
        image: What the network was trained to follow: edges, depth, poses, ...
        strength: 0 is off.
        start_percent: Where it begins; 0 is the noisiest step.
        end_percent: Where it ends; 1 is the last step.
        vae: For control networks that look at latents.
    """
    if start_percent > end_percent:
        raise NodeError(
            f"The range starts at {start_percent}, after its end at {end_percent}.", "Exchange them.", "start_percent"
        )
    if strength == 0:
        return Steered(positive, negative)
    shown = pictures(image, "image")
    control = Control(control_net, shown, strength, start_percent, end_percent, positive_only=True)  # each has its own
    return Steered(_controlled(positive, control), _controlled(negative, control))


def _controlled(conditioning: Conditioning, control: Control) -> Conditioning:
    return tuple(replace(condition, controls=(*condition.controls, control)) for condition in conditioning)
