"""Models from files. Only headers are read here; weights follow when a model is first used."""

from typing import Annotated, Literal, NamedTuple

from graphengine.api import Choices, Files, node
from graphengine.diffusion.weights import load
from graphengine.ports import Clip, ControlNet, Model, Vae

from .reading import reading


class Checkpoint(NamedTuple):
    model: Model
    clip: Clip
    vae: Vae


@node(category="loaders", title="Load Checkpoint", resource="io")
def CheckpointLoaderSimple(ckpt_name: Annotated[str, Choices("checkpoints")], *, files: Files) -> Checkpoint:
    """Load the denoiser, text encoder and autoencoder of a model.

    Args:
        ckpt_name: File, or diffusers folder, among the checkpoints.
    """
    return _checkpoint(files, "checkpoints", ckpt_name, "ckpt_name")


@node(category="advanced/loaders/deprecated", title="Diffusers Loader", resource="io")
def DiffusersLoader(model_path: Annotated[str, Choices("diffusers")], *, files: Files) -> Checkpoint:
    """Load a model that is laid out as a diffusers folder.

    Args:
        model_path: Folder with a model_index.json.
    """
    return _checkpoint(files, "diffusers", model_path, "model_path")


@node(category="advanced/loaders", title="Load Diffusion Model", resource="io")
def UNETLoader(
    unet_name: Annotated[str, Choices("diffusion_models")],
    weight_dtype: Literal["default", "fp8_e4m3fn", "fp8_e4m3fn_fast", "fp8_e5m2"] = "default",
    *,
    files: Files,
) -> Model:
    """Load a denoiser alone.

    Args:
        unet_name: File among the diffusion models.
        weight_dtype: Without effect: the number type follows the engine's precision.
    """
    with reading("unet_name"):
        return load.load_denoiser(files.model("diffusion_models", unet_name))


@node(category="advanced/loaders", title="Load CLIP", resource="io")
def CLIPLoader(
    clip_name: Annotated[str, Choices("text_encoders")],
    type: Literal["stable_diffusion"] = "stable_diffusion",
    device: Literal["default", "cpu"] = "default",
    *,
    files: Files,
) -> Clip:
    """Load a text encoder alone.

    Args:
        clip_name: File among the text encoders.
        type: The models it is for.
        device: Without effect: the engine chooses.
    """
    with reading("clip_name"):
        return load.load_text_encoder(files.model("text_encoders", clip_name))


@node(category="loaders", title="Load VAE", resource="io")
def VAELoader(vae_name: Annotated[str, Choices("vae")], *, files: Files) -> Vae:
    """Load an autoencoder alone.

    Args:
        vae_name: File among the autoencoders.
    """
    with reading("vae_name"):
        return load.load_autoencoder(files.model("vae", vae_name))


@node(category="loaders", title="Load ControlNet Model", resource="io")
def ControlNetLoader(control_net_name: Annotated[str, Choices("controlnet")], *, files: Files) -> ControlNet:
    """Load a control network.

    Args:
        control_net_name: File among the control networks.
    """
    with reading("control_net_name"):
        return load.load_controlnet(files.model("controlnet", control_net_name))


def _checkpoint(files: Files, source: str, name: str, input: str) -> Checkpoint:
    with reading(input):
        loaded = load.load_checkpoint(files.model(source, name))
    return Checkpoint(loaded.model, loaded.text_encoder, loaded.autoencoder)
