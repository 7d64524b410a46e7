import random

import pytest

from graphengine.diffusion.training.world.caption import STRANGERS, caption, training_text, vocabulary
from graphengine.diffusion.training.world.dataset import World
from graphengine.diffusion.training.world.scene import UNSEEN, Scene, Thing, numbered_scene

SCENES = [numbered_scene(5, number) for number in range(300)]


def test_a_number_means_the_same_scene_every_time():
    assert numbered_scene(5, 17) == SCENES[17]
    assert numbered_scene(6, 17) != SCENES[17]


def test_held_back_pairs_never_occur():
    assert not {(thing.colour, thing.shape) for scene in SCENES for thing in scene.things} & UNSEEN


def test_things_lie_inside_and_apart():
    for scene in SCENES:
        for thing in scene.things:
            assert thing.radius <= thing.x <= 1 - thing.radius
            assert thing.radius <= thing.y <= 1 - thing.radius
        if len(scene.things) == 2:
            first, second = scene.things
            assert ((first.x - second.x) ** 2 + (first.y - second.y) ** 2) ** 0.5 > 0.4


def test_a_caption_says_what_it_demands():
    for scene in SCENES:
        told = caption(scene, random.Random(1))
        assert all(f"{colour} {shape}" in told.text for colour, shape in told.wanted.things)
        assert told.wanted.background == "" or f"{told.wanted.background} background" in told.text
        assert (told.wanted.light != "") == ("lit from" in told.text)


def test_naming_two_things_the_other_way_round_turns_the_relation():
    things = tuple(Thing(colour, "star", "", x, 0.5, 0.1, 0) for colour, x in (("red", 0.25), ("blue", 0.75)))
    scene = Scene("white", things, "left", "", 0.0)
    told = {caption(scene, random.Random(seed)).wanted for seed in range(60)}
    named = {(wanted.things[0][0], wanted.place) for wanted in told if wanted.place}
    assert named == {("red", "left"), ("blue", "right")}


def test_without_place_no_word_of_place_is_said():
    for scene in SCENES:
        told = caption(scene, random.Random(2), with_place=False)
        assert told.wanted.place == ""
        assert not any(word in told.text for word in (" left of", " right of", " above a", " below a", " at the "))


def test_every_caption_is_made_of_the_vocabulary():
    words = set(vocabulary())
    for number, scene in enumerate(SCENES):
        assert set(caption(scene, random.Random(number)).text.replace(",", " , ").split()) <= words


def test_training_texts_are_sometimes_empty_and_sometimes_hold_unknown_words():
    texts = [training_text(SCENES[0], random.Random(seed)) for seed in range(300)]
    strange = [text for text in texts if set(text.split()) & set(STRANGERS)]
    assert 0.04 < texts.count("") / 300 < 0.17
    assert 0.10 < len(strange) / 300 < 0.27


def test_hard_scenes_are_two_things_with_a_star_whose_background_half_of_the_captions_leave_out():
    world, rng = World(11, outlined=0.5, hard=0.25), random.Random(0)
    scenes = [world.scene(number) for number in range(4000)]
    plain = [World(11, outlined=0.5).scene(number) for number in range(4000)]
    hard = [number for number in range(4000) if scenes[number] != plain[number]]
    assert len(hard) == pytest.approx(1000, abs=2)
    assert all(len(scenes[number].things) == 2 for number in hard)
    assert all("star" in {thing.shape for thing in scenes[number].things} for number in hard)
    assert not {(thing.colour, thing.shape) for number in hard for thing in scenes[number].things} & UNSEEN
    assert sum(scenes[number].outlined for number in hard) == pytest.approx(500, abs=20)
    first = sum(scenes[number].things[0].shape == "star" for number in hard)
    assert 450 < first < 650  # of both together an eighth
    told = sum(" background" in world.text(number, rng) for number in hard)
    assert 400 < told < 500  # a tenth of the captions are empty
    others = [number for number in range(4000) if number not in set(hard)][:1000]
    assert 720 < sum(" background" in world.text(number, rng) for number in others) < 810
