import numpy as np
import pytest
from scipy.integrate import quad

from graphengine.diffusion.sampling.samplers.multistep import lagrange_weights, vp_time


@pytest.mark.parametrize("time", [lambda sigma: sigma, vp_time])
@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_the_weights_integrate_every_polynomial_of_their_order(time, order):
    levels, end = [3.0, 4.5, 8.0, 13.0][:order], 1.25
    weights = lagrange_weights(levels, end, time)
    for power in range(order):
        expected, _ = quad(lambda sigma, power=power: float(time(np.array(sigma))) ** power, levels[0], end)
        summed = sum(w * float(time(np.array(level))) ** power for w, level in zip(weights, levels, strict=True))
        assert summed == pytest.approx(expected, rel=1e-9)


def test_the_vp_process_takes_from_a_thousandth_to_one_for_the_levels_of_edm():
    assert vp_time(np.array([0.002, 80.0])) == pytest.approx([1e-3, 1.0])
