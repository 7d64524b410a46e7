"""What there is to train on."""

from typing import Annotated, NamedTuple

from graphengine.api import Files, Many, NodeError, Range, Seed, Size, node
from graphengine.diffusion.training.folder import read_folder
from graphengine.diffusion.training.world.caption import held_out_captions, unseen_captions
from graphengine.diffusion.training.world.dataset import World
from graphengine.diffusion.training.world.render import render
from graphengine.ports import Image

from .ports import Caption, Dataset

Share = Annotated[float, Range(0.0, 1.0, 0.01)]


@node(category="training/data", title="World of Shapes")
def WorldDataset(
    seed: Seed = 200,
    everything: bool = False,
    outlined: Share = 0.0,
    vague: Share = 0.0,
    hard: Share = 0.0,
) -> Dataset:
    """Coloured shapes on coloured backgrounds, endlessly many, with captions.

    Args:
        seed: Of the scenes; pictures are judged on those of another seed.
        everything: Also draw the four pairs of colour and shape that are otherwise kept back, to test what a model
            makes of pairs that it has never seen.
        outlined: Share of the pictures in which everything has an ink line around it.
        vague: Share of the captions that do not say where things are.
        hard: Share of the pictures of what a model learns last: two things with a star among them, of whose background
            half of the captions say nothing.
    """
    return World(seed, everything, outlined, vague, hard)


@node(category="training/data", title="Folder of Pictures", resource="io", volatile=True)
def FolderDataset(folder: str = "dataset", caption: str = "", empty: Share = 0.1, *, files: Files) -> Dataset:
    """Your own pictures: those in a folder of the input folder, each with its caption in a text file of its name.

    Args:
        folder: Name of the folder.
        caption: Of pictures without a text file.
        empty: Share of the captions that are left empty in training, which guidance needs.
    """
    try:
        return read_folder(files.input(folder), caption=caption, empty=empty)
    except FileNotFoundError as error:
        raise NodeError(str(error), "Put some there.", input="folder") from error


class Pictures(NamedTuple):
    image: Annotated[Many[Image], Size("size", "size")]
    caption: Many[str]
    wanted: Many[Caption]
    number: Many[int]


@node(category="training/data", title="Captioned Pictures of the World")
def WorldPictures(
    seed: Seed = 7,
    first: Annotated[int, Range(0, 1_000_000)] = 0,
    count: Annotated[int, Range(1, 10_000)] = 24,
    size: Annotated[int, Range(16, 1024, 8)] = 128,
    with_place: bool = True,
    unseen: bool = False,
) -> Pictures:
    """Pictures of the world as lists: to look at, or to test a model on their captions.

    Args:
        seed: Of the scenes; another one than was trained on.
        first: Number of the first picture.
        count: How many.
        size: Pixels a side.
        with_place: Say in the captions where things are.
        unseen: Only single things in the pairs of colour and shape that are kept out of training.
    """
    numbers = range(first, first + count)
    if unseen:
        chosen = unseen_captions(first + count)[first:]
    else:
        chosen = held_out_captions(seed, first + count, with_place=with_place)[first:]
    images = render([scene for scene, _ in chosen], size).image.movedim(1, -1).contiguous()
    captions = [caption for _, caption in chosen]
    return Pictures(list(images.split(1)), [caption.text for caption in captions], captions, list(numbers))
