"""Measure the trained models on held-out scenes: what the checker, the edges and the outlines say."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

import torch
from torch import Tensor

from graphengine.diffusion.autoencoders.kl import AutoencoderKL
from graphengine.diffusion.denoisers.controlnet import ControlNet
from graphengine.diffusion.training.autoencoder import psnr, reconstruct
from graphengine.diffusion.training.lora import LowRank, outline_share
from graphengine.diffusion.training.score import SEED, Drawing, draw, score
from graphengine.diffusion.training.text_to_image import TextToImage
from graphengine.diffusion.training.world.caption import Caption, caption, held_out_captions
from graphengine.diffusion.training.world.checker import read_foreground
from graphengine.diffusion.training.world.edges import edge_f1, edge_map
from graphengine.diffusion.training.world.palette import COLOURS
from graphengine.diffusion.training.world.render import render
from graphengine.diffusion.training.world.scene import UNSEEN, Scene, random_scene

Table = dict[str, float | dict[str, float]]


def measure_autoencoder(autoencoder: AutoencoderKL, size: int = 128, count: int = 200) -> Table:
    """Reconstructions of held-out scenes."""
    scenes, captions = zip(*held_out_captions(SEED, count), strict=True)
    images = rendered(scenes, size)
    decoded = reconstruct(autoencoder, images)
    return {"psnr": psnr(decoded, images), "checker": asdict(score(decoded, captions))}


def measure_text_to_image(
    model: TextToImage, autoencoder: AutoencoderKL, drawing: Drawing, count: int = 200, unseen: int = 40
) -> Table:
    """Held-out captions, and single things of the colour and shape pairs that were kept out of training."""
    captions = [told for _, told in held_out_captions(SEED, count)]
    pairs = unseen_captions(unseen)
    return {
        "held_out": asdict(score(draw(model, autoencoder, texts(captions), drawing), captions)),
        "unseen_pairs": asdict(score(draw(model, autoencoder, texts(pairs), drawing), pairs)),
    }


def measure_edges(
    model: TextToImage, control: ControlNet, autoencoder: AutoencoderKL, drawing: Drawing, count: int = 60
) -> Table:
    """Edge F1 against the hint for captions that do not say where things are; without control, and at its ceiling."""
    scenes, captions = zip(*held_out_captions(SEED + 1, count, with_place=False), strict=True)
    images = rendered(scenes, drawing.size)
    hints = edge_map(images)
    controlled = draw(model, autoencoder, texts(captions), drawing, control=control, hints=hints.expand(-1, 3, -1, -1))
    free = draw(model, autoencoder, texts(captions), drawing)
    return {
        "f1": edge_f1(edge_map(controlled), hints),
        "f1_without": edge_f1(edge_map(free), hints),
        "f1_of_reconstructions": edge_f1(edge_map(reconstruct(autoencoder, images)), hints),
        "checker": asdict(score(controlled, captions)),
    }


def measure_outlines(
    model: TextToImage,
    layers: Mapping[str, LowRank],
    autoencoder: AutoencoderKL,
    drawing: Drawing,
    count: int = 40,
    strengths: Sequence[float] = (0.0, 0.5, 1.0),
) -> Table:
    """The share of ink along rims, and what the checker says, at several strengths of the LoRA."""
    captions = [told for scene, told in held_out_captions(SEED + 2, 3 * count) if is_colourful(scene)][:count]
    table: Table = {}
    for strength in strengths:
        for layer in layers.values():
            layer.strength = strength
        pictures = draw(model, autoencoder, texts(captions), drawing)
        ink = [outline_share(picture, read_foreground(picture)) for picture in pictures]
        table[f"strength_{strength}"] = {"ink": sum(ink) / len(ink), "all_right": score(pictures, captions).all_right}
    return table


def texts(captions: Sequence[Caption]) -> list[str]:
    return [told.text for told in captions]


def is_colourful(scene: Scene) -> bool:
    """Whether neither background nor things have the colours of ink."""
    return not {"black", "white"} & {scene.background, *(thing.colour for thing in scene.things)}


def unseen_captions(count: int) -> list[Caption]:
    """Captions of one thing whose colour and shape never occurred together in training."""
    told = []
    for number in range(count):
        rng = random.Random(f"unseen {number}")
        colour, shape = sorted(UNSEEN)[number % len(UNSEEN)]
        scene = random_scene(rng, count=1)
        background = rng.choice([other for other in COLOURS if other != colour])
        thing = replace(scene.things[0], colour=colour, shape=shape)
        told.append(caption(replace(scene, things=(thing,), background=background), rng))
    return told


def rendered(scenes: Sequence[Scene], size: int, chunk: int = 50) -> Tensor:
    return torch.cat([render(scenes[start : start + chunk], size).image for start in range(0, len(scenes), chunk)])
