import torch

from graphengine.diffusion.training.world.edges import edge_f1, edge_map
from graphengine.diffusion.training.world.render import render
from graphengine.diffusion.training.world.scene import numbered_scene


def test_a_step_of_colour_is_one_line_and_the_border_none():
    image = torch.zeros(1, 3, 16, 16)
    image[..., 8:] = 1
    edges = edge_map(image)
    assert edges[..., 7:9].all()
    assert edges.sum() == 2 * 16


def test_a_gradient_has_no_edges():
    image = torch.linspace(0, 1, 64).expand(1, 3, 64, 64)
    assert edge_map(image).sum() == 0


def test_edges_follow_the_outlines_of_things():
    scenes = [numbered_scene(4, number) for number in range(8)]
    rendering = render(scenes, 128)
    outline = ((rendering.mask > 0.02) & (rendering.mask < 0.98)).float()
    assert edge_f1(edge_map(rendering.image), outline) > 0.7


def test_edges_match_themselves_and_a_shift_of_a_pixel_but_not_another_picture():
    images = render([numbered_scene(4, number) for number in range(2)], 64).image
    edges = edge_map(images)
    assert edge_f1(edges, edges) > 0.999
    assert edge_f1(edges.roll(1, dims=-1), edges) > 0.98
    assert edge_f1(edges[:1], edges[1:]) < 0.5
