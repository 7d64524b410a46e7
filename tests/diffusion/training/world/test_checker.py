import random
from dataclasses import replace

import pytest
import torch

from graphengine.diffusion.training.world.caption import held_out_captions
from graphengine.diffusion.training.world.checker import judge, read
from graphengine.diffusion.training.world.palette import COLOURS
from graphengine.diffusion.training.world.render import render
from graphengine.diffusion.training.world.scene import random_scene

CAPTIONED = held_out_captions(seed=11, count=40)


def verdicts(scenes, captions, size):
    pictures = render(scenes, size).image
    return [judge(picture, caption.wanted) for picture, caption in zip(pictures, captions, strict=True)]


@pytest.mark.parametrize("size", [64, 128])
def test_every_rendered_scene_is_read_as_it_was_described(size):
    scenes, captions = zip(*CAPTIONED, strict=True)
    assert all(verdict.all_right for verdict in verdicts(scenes, captions, size))


def test_outlined_scenes_are_read_as_well():
    scenes, captions = zip(*CAPTIONED, strict=True)
    outlined = [replace(scene, outlined=True) for scene in scenes]
    assert all(verdict.all_right for verdict in verdicts(outlined, captions, 128))


@pytest.mark.parametrize("part", ["colours", "shapes", "background", "count"])
def test_a_wrong_picture_is_found_wrong_in_the_part_that_is_wrong(part):
    scene, caption = next(
        (scene, caption) for scene, caption in CAPTIONED if len(scene.things) == 2 and caption.wanted.background
    )
    first, second = scene.things
    free = next(colour for colour in COLOURS if colour not in {scene.background, first.colour, second.colour})
    wrong = {
        "colours": replace(scene, things=(replace(first, colour=free), second)),
        "shapes": replace(
            scene, things=(replace(first, shape="square" if first.shape != "square" else "circle"), second)
        ),
        "background": replace(scene, background=free),
        "count": replace(scene, things=(first,)),
    }[part]
    verdict = verdicts([wrong], [caption], 64)[0]
    assert not getattr(verdict, part)
    assert verdict.light and not verdict.all_right


def test_a_mirrored_picture_is_out_of_place_and_lit_from_the_other_side():
    scene, caption = next(
        (scene, caption)
        for scene, caption in CAPTIONED
        if caption.wanted.place in ("left", "right") and caption.wanted.light in ("left", "right")
    )
    mirrored = judge(render([scene], 64).image[0].flip(-1), caption.wanted)
    assert not mirrored.place
    assert not mirrored.light


def test_the_centre_of_a_thing_is_found_to_a_pixel():
    scene = replace(random_scene(random.Random(3), count=1), background="black")
    thing = replace(scene.things[0], shape="circle", colour="red", x=0.4, y=0.6)
    found = read(render([replace(scene, things=(thing,))], 64).image[0]).things[0]
    assert (found.x, found.y) == pytest.approx((0.4, 0.6), abs=1 / 64)


def test_an_empty_picture_has_no_things():
    assert read(torch.full((3, 64, 64), 0.5)).things == ()
