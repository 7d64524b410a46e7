"""Trainings. Each goes on from the last checkpoint in its folder, and is done at once when it was finished before."""

from dataclasses import replace
from functools import partial
from typing import Annotated, NamedTuple, TypeVar

from graphengine.api import Files, NodeError, Progress, Range, Seed, node
from graphengine.diffusion.adapters.lora import read_lora
from graphengine.diffusion.autoencoders.kl import AutoencoderKL
from graphengine.diffusion.denoisers.controlnet import ControlNet as ControlNetwork
from graphengine.diffusion.denoisers.unet import UNet
from graphengine.diffusion.residency import Residency
from graphengine.diffusion.text.clip import CLIPText
from graphengine.diffusion.training.autoencoder import AutoencoderTraining, train_autoencoder
from graphengine.diffusion.training.control import ControlTraining, train_controlnet
from graphengine.diffusion.training.decoder import DecoderTraining, train_decoder
from graphengine.diffusion.training.lora import LoraTraining, train_lora
from graphengine.diffusion.training.text_to_image import Space, TextToImage, TextToImageTraining, train_text_to_image
from graphengine.diffusion.types import Prediction
from graphengine.diffusion.weights import load
from graphengine.ports import Clip, ControlNet, Model, Vae

from .fresh import widths
from .inputs import Batch, Minutes, Pictures, Processes, Share, Size, Steps
from .ports import Curve, Dataset, Lora, LoraFile, Settings
from .watch import finish, stable_diffusion_1, stage_of, trainable

Config = TypeVar("Config", AutoencoderTraining, DecoderTraining, TextToImageTraining, ControlTraining, LoraTraining)


class TrainedAutoencoder(NamedTuple):
    vae: Vae
    curve: Curve


@node(category="training", title="Train Autoencoder", resource="device")
def TrainAutoencoder(
    vae: Vae,
    dataset: Dataset,
    name: str = "mine/autoencoder",
    minutes: Minutes = 30.0,
    steps: Steps = 0,
    size: Size = 128,
    pictures: Pictures = 3000,
    batch: Batch = 12,
    kl_weight: Annotated[float, Range(0.0, 1.0, 1e-6)] = 4e-4,
    processes: Processes = 1,
    settings: Settings | None = None,
    whitened: Dataset | None = None,
    *,
    files: Files,
    devices: Residency,
    progress: Progress,
) -> TrainedAutoencoder:
    """Train an autoencoder to reconstruct pictures, whole ones and close-ups.

    Args:
        vae: What to begin with.
        dataset: What to train on.
        name: Folder below the home folder's training/ that it is kept in.
        minutes: How long to train.
        steps: Train so many steps instead; 0 goes by the minutes.
        size: Pixels a side; close-ups have half of it.
        pictures: How many different ones each process keeps in memory.
        batch: Close-ups in a step.
        kl_weight: How strongly latents are drawn to a normal distribution.
        processes: Train in so many at once, each on pictures of its own.
        settings: How the weights move.
        whitened: Pictures whose latents are to have mean 0 and variance 1; those of the dataset if not linked.
    """
    config = _with(AutoencoderTraining(size, pictures, batch, kl_weight), settings)
    datasets = {"dataset": dataset, "whitened": whitened or dataset}
    stage = stage_of(files, name, minutes, steps, config, {"vae": vae.part}, datasets)
    if not stage.finished:
        network, scale = trainable(vae.part, AutoencoderKL, devices), vae.latent_format.scale
        train = partial(train_autoencoder, config, network, dataset, whitened=datasets["whitened"], scale=scale)
        finish(stage, train, processes, progress)
    return TrainedAutoencoder(load.load_autoencoder(stage.result), stage.curve)


@node(category="training", title="Train Decoder", resource="device")
def TrainDecoder(
    vae: Vae,
    dataset: Dataset,
    name: str = "mine/decoder",
    minutes: Minutes = 30.0,
    steps: Steps = 0,
    size: Size = 128,
    pictures: Pictures = 3000,
    batch: Batch = 6,
    latent_noise: Share = 0.15,
    processes: Processes = 1,
    settings: Settings | None = None,
    *,
    files: Files,
    devices: Residency,
    progress: Progress,
) -> TrainedAutoencoder:
    """Train the decoder of an autoencoder alone. Models that draw for its latents go on drawing for them.

    Args:
        vae: What to begin with; its encoder stays as it is.
        dataset: What to train on.
        name: Folder below the home folder's training/ that it is kept in.
        minutes: How long to train.
        steps: Train so many steps instead; 0 goes by the minutes.
        size: Pixels a side; every fourth step takes pictures of half of it, four times as many.
        pictures: How many different ones each process keeps in memory.
        batch: Pictures in a step.
        latent_noise: Largest spread of the noise on its latents, whose own spread is 1. With some it forgives a model
            that draws them a little wrong.
        processes: Train in so many at once, each on pictures of its own.
        settings: How the weights move.
    """
    config = _with(DecoderTraining(size, pictures, batch, latent_noise), settings)
    stage = stage_of(files, name, minutes, steps, config, {"vae": vae.part}, {"dataset": dataset})
    if not stage.finished:
        network = trainable(vae.part, AutoencoderKL, devices)
        train = partial(train_decoder, config, network, dataset, scale=vae.latent_format.scale)
        finish(stage, train, processes, progress)
    return TrainedAutoencoder(load.load_autoencoder(stage.result), stage.curve)


class TrainedModel(NamedTuple):
    model: Model
    clip: Clip
    curve: Curve


@node(category="training", title="Train Text-to-Image Model", resource="device")
def TrainTextToImage(
    model: Model,
    clip: Clip,
    vae: Vae,
    dataset: Dataset,
    name: str = "mine/model",
    minutes: Minutes = 30.0,
    steps: Steps = 0,
    size: Size = 64,
    pictures: Pictures = 5000,
    batch: Batch = 64,
    processes: Processes = 1,
    settings: Settings | None = None,
    noise_offset: Share = 0.0,
    *,
    files: Files,
    devices: Residency,
    progress: Progress,
) -> TrainedModel:
    """Train a denoiser and its text encoder to draw pictures by their captions.

    Args:
        model: The denoiser to begin with.
        clip: The text encoder to begin with.
        vae: Stays as it is.
        dataset: What to train on.
        name: Folder below the home folder's training/ that it is kept in.
        minutes: How long to train.
        steps: Train so many steps instead; 0 goes by the minutes.
        size: Pixels a side.
        pictures: How many different ones each process encodes before it starts.
        batch: Pictures in a step.
        processes: Train in so many at once, each on pictures of its own.
        settings: How the weights move.
        noise_offset: Spread of what is added to all noise of a channel at once. With some, such as 0.1, the model does
            not go by the mean of the noise, which is no mean of a picture when it draws.
    """
    config = _with(TextToImageTraining(size, pictures, batch, noise_offset), settings)
    parts = {"model": model.part, "clip": clip.part, "vae": vae.part}
    stage = stage_of(files, name, minutes, steps, config, parts, {"dataset": dataset})
    if not stage.finished:
        network, space = _trainable(model, clip, vae, devices)
        finish(stage, partial(train_text_to_image, config, network, space, dataset), processes, progress)
    return TrainedModel(load.load_denoiser(stage.result), load.load_text_encoder(stage.result), stage.curve)


class TrainedControlNet(NamedTuple):
    control_net: ControlNet
    curve: Curve


@node(category="training", title="Train ControlNet (Edges)", resource="device")
def TrainControlNet(
    model: Model,
    clip: Clip,
    vae: Vae,
    dataset: Dataset,
    name: str = "mine/edges",
    minutes: Minutes = 30.0,
    steps: Steps = 0,
    size: Size = 128,
    pictures: Pictures = 2000,
    batch: Batch = 16,
    hint_channels: str = "8, 8, 16, 16, 32, 32, 64",
    empty: Share = 0.25,
    noisy: Share = 0.5,
    seed: Seed = 300,
    processes: Processes = 1,
    settings: Settings | None = None,
    control_net: ControlNet | None = None,
    *,
    files: Files,
    devices: Residency,
    progress: Progress,
) -> TrainedControlNet:
    """Train a control network to make a denoiser follow the edges of a picture.

    Args:
        model: The denoiser; stays as it is.
        clip: Stays as it is.
        vae: Stays as it is.
        dataset: What to train on.
        name: Folder below the home folder's training/ that it is kept in.
        minutes: How long to train.
        steps: Train so many steps instead; 0 goes by the minutes.
        size: Pixels a side.
        pictures: How many different ones each process encodes before it starts.
        batch: Pictures in a step.
        hint_channels: Widths of the convolutions on the edges; 16, 16, 32, 32, 96, 96, 256 is full size.
        empty: Share of the captions that are left empty, so that it learns to see by itself.
        noisy: Share of the steps drawn from the noisiest 3 fifths, where edges decide most.
        seed: Of the first weights.
        processes: Train in so many at once, each on pictures of its own.
        settings: How the weights move.
        control_net: What to begin with; a copy of the denoiser's encoder if not linked.
    """
    hints = widths(hint_channels, "hint_channels", count=7)
    config = _with(ControlTraining(hints, size, pictures, batch, empty, noisy, seed), settings)
    parts = {"model": model.part, "clip": clip.part, "vae": vae.part}
    if control_net is not None:
        parts["control_net"] = control_net.part
    stage = stage_of(files, name, minutes, steps, config, parts, {"dataset": dataset})
    if not stage.finished:
        network, space = _trainable(model, clip, vae, devices)
        begin = trainable(control_net.part, ControlNetwork, devices) if control_net else None
        train = partial(train_controlnet, config, network, space, dataset, begin=begin)
        finish(stage, train, processes, progress)
    return TrainedControlNet(load.load_controlnet(stage.result), stage.curve)


class TrainedLora(NamedTuple):
    model: Model
    lora: Lora
    curve: Curve


@node(category="training", title="Train LoRA", resource="device")
def TrainLora(
    model: Model,
    clip: Clip,
    vae: Vae,
    dataset: Dataset,
    name: str = "mine/lora",
    minutes: Minutes = 10.0,
    steps: Steps = 0,
    rank: Annotated[int, Range(1, 1024)] = 8,
    size: Size = 128,
    pictures: Pictures = 400,
    batch: Batch = 12,
    seed: Seed = 400,
    processes: Processes = 1,
    settings: Settings | None = None,
    *,
    files: Files,
    devices: Residency,
    progress: Progress,
) -> TrainedLora:
    """Train a small change of a denoiser, such as a style. The model that comes out has it.

    Args:
        model: The denoiser; its own weights stay as they are.
        clip: Stays as it is.
        vae: Stays as it is.
        dataset: What to train on.
        name: Folder below the home folder's training/ that it is kept in.
        minutes: How long to train.
        steps: Train so many steps instead; 0 goes by the minutes.
        rank: Of the change; higher can hold more.
        size: Pixels a side.
        pictures: How many different ones each process encodes before it starts.
        batch: Pictures in a step.
        seed: Of the first weights.
        processes: Train in so many at once, each on pictures of its own.
        settings: How the weights move.
    """
    config = _with(LoraTraining(rank, size, pictures, batch, seed), settings)
    parts = {"model": model.part, "clip": clip.part, "vae": vae.part}
    stage = stage_of(files, name, minutes, steps, config, parts, {"dataset": dataset})
    if not stage.finished:
        network, space = _trainable(model, clip, vae, devices)
        finish(stage, partial(train_lora, config, network, space, dataset), processes, progress)
    patch = read_lora(stage.result).patch(model.part, 1.0)
    patched = model if patch is None else replace(model, part=replace(model.part, patches=(*model.part.patches, patch)))
    return TrainedLora(patched, LoraFile(stage.result), stage.curve)


def _with(config: Config, settings: Settings | None) -> Config:
    return replace(config, settings=settings) if settings else config


def _trainable(model: Model, clip: Clip, vae: Vae, devices: Residency) -> tuple[TextToImage, Space]:
    """The networks of a denoiser's training, and the latents that it works in."""
    stable_diffusion_1(model.part, "model")
    stable_diffusion_1(clip.part, "clip")
    if model.prediction is not Prediction.EPS:
        message = f"{model.part.name} predicts {model.prediction.value}, not the noise."
        raise NodeError(message, "Train one that does.", "model")
    network = TextToImage(trainable(model.part, UNet, devices), trainable(clip.part, CLIPText, devices))
    space = Space(trainable(vae.part, AutoencoderKL, devices), vae.latent_format.scale, model.alphas_cumprod)
    return network, space
