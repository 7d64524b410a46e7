import torch

from graphengine.diffusion.training.score import Drawing, draw, score
from graphengine.diffusion.training.world.caption import held_out_captions
from graphengine.diffusion.training.world.render import render

CAPTIONED = held_out_captions(seed=12, count=20)


def test_rendered_originals_score_full_marks_and_swapped_ones_do_not():
    scenes, captions = zip(*CAPTIONED, strict=True)
    pictures = render(scenes, 64).image
    right, wrong = score(pictures, captions), score(pictures.roll(1, 0), captions)
    assert right.all_right == right.one_thing == right.two_things == 1
    assert wrong.all_right < 0.2
    assert right.pictures == 20
    assert "all_right 100.0" in right.line()


def test_a_drawing_is_the_same_for_the_same_seed(model, autoencoder):
    torch.nn.init.normal_(model.unet.out[2].weight, std=0.1)
    texts = ["a red star", "a blue ring"]
    first, again = (draw(model, autoencoder, texts, Drawing(size=64, steps=2)) for _ in range(2))
    other = draw(model, autoencoder, texts, Drawing(size=64, steps=2, seed=1))
    assert first.shape == (2, 3, 64, 64)
    assert first.min() >= 0 and first.max() <= 1
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
