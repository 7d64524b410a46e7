from graphengine.diffusion.training.score import score
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
    assert "all right    100.0 %" in right.table()
