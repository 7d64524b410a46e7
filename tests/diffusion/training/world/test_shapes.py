import math

import pytest
import torch

from graphengine.diffusion.training.world.shapes import SHAPES, box, pointed, tilted

GENERATOR = torch.Generator().manual_seed(1)
X, Y = (torch.rand(2, 4000, generator=GENERATOR, dtype=torch.float64) * 2.6 - 1.3).unbind(0)


@pytest.mark.parametrize("shape", SHAPES)
def test_distances_change_no_faster_than_one_moves(shape):
    """A signed distance has slope at most 1 everywhere."""
    step_x, step_y = torch.randn(2, 4000, generator=GENERATOR, dtype=torch.float64) * 0.02
    change = SHAPES[shape](X + step_x, Y + step_y) - SHAPES[shape](X, Y)
    assert (change.abs() <= torch.hypot(step_x, step_y) + 1e-9).all()


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_lies_within_its_unit(shape):
    inside = SHAPES[shape](X, Y) < 0
    assert 0.2 < float(inside.double().mean()) * 2.6**2 < math.pi * 1.1
    assert float(torch.hypot(X[inside], Y[inside]).max()) <= 1.2


def test_a_star_with_straight_sides_is_the_regular_polygon():
    square = tilted(pointed(4, math.cos(math.pi / 4)), math.pi / 4)
    half = math.sqrt(0.5)
    torch.testing.assert_close(square(X, Y), box(X, Y, half, half))


def test_the_first_tip_of_a_triangle_points_up():
    triangle = pointed(3, 0.5)
    assert float(triangle(torch.tensor(0.0), torch.tensor(-1.0))) == pytest.approx(0, abs=1e-6)
    assert float(triangle(torch.tensor(0.0), torch.tensor(1.0))) == pytest.approx(0.5, abs=1e-6)
