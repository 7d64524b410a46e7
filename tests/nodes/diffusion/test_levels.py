"""Noise levels as ComfyUI 0.8.0 gives them; the numbers are its own."""

import pytest
import torch

from graphengine.api import NodeError

LEVELS = "14, 7, 3, 1, 0"


@pytest.mark.parametrize(
    ("text", "levels"),
    [("1, 0.5", [1, 0.5]), ("", []), ("1.0;2 -3 1 .5", [1, 2, -3, 1, 0.5]), ("1,,0.5", [1, 0.5]), ("1. 2.", [1, 2]),
     ("+4", [4]), ("14.6146416, 0.0", [14.6146416, 0]), ("[1, 5e-1]", [1, 0.5])],
)  # fmt: skip
def test_levels_are_read_as_they_are_written(call, text, levels):
    assert torch.equal(call("sigmas", "ManualSigmas", text), torch.tensor(levels, dtype=torch.float32))


@pytest.mark.parametrize("text", ["abc", "1, inf", "0x10", "3.5.2", "1-2"])
def test_what_is_no_number_is_named(call, text):
    with pytest.raises(NodeError, match="is no number"):
        call("sigmas", "ManualSigmas", text)


@pytest.mark.parametrize(
    ("steps", "start", "end", "spacing", "levels"),
    [
        (2, -1.0, 0.0, "linear", [14, 10.5, 7, 5, 3, 2, 1, 0.5, 0]),
        (2, -1.0, 0.0, "cosine", [14, 9.0503, 7, 4.1716, 3, 1.5858, 1, 0.2929, 0]),
        (4, -1.0, 7.5, "cosine", [14, 11.3212, 9.0503, 7.5328, 7, 3, 1, 0]),
        (4, -1.0, 7.5, "sine", [14, 13.4672, 11.9497, 9.6788, 7, 3, 1, 0]),
        (3, -1.0, 12.0, "linear", [14, 11.6667, 9.3333, 7, 3, 1, 0]),
        (3, 7.0, 3.0, "linear", [14, 7, 5.6667, 4.3333, 3, 2.3333, 1.6667, 1, 0]),
        (3, 7.01, 2.99, "linear", [14, 7, 5.6667, 4.3333, 3, 2.3333, 1.6667, 1, 0]),
        (3, 0.0, 0.0, "linear", [14, 7, 3, 1, 0]),
        (3, 2.0, 5.0, "linear", [14, 7, 3, 1, 0]),
        (1, -1.0, 0.0, "sine", [14, 7, 3, 1, 0]),
    ],
)
def test_steps_that_start_in_a_range_are_parted(call, steps, start, end, spacing, levels):
    parted = call(
        "sigmas", "ExtendIntermediateSigmas", call("sigmas", "ManualSigmas", LEVELS), steps, start, end, spacing
    )
    assert torch.allclose(parted, torch.tensor(levels, dtype=torch.float32), atol=1e-4)


@pytest.mark.parametrize("text", ["5", ""])
def test_levels_without_a_step_stay(call, text):
    levels = call("sigmas", "ManualSigmas", text)
    assert torch.equal(call("sigmas", "ExtendIntermediateSigmas", levels, 2, -1.0, 0.0), levels)


@pytest.mark.parametrize(
    ("percent", "actual", "level"),
    [(0.0, False, 999999999.9), (0.0, True, 14.614641), (0.0001, False, 14.605789), (0.2, True, 5.092408),
     (0.5, False, 1.61558), (0.9999, False, 0.0301995), (1.0, False, 0.0), (1.0, True, 0.0291672)],
)  # fmt: skip
def test_a_part_of_the_sampling_has_a_level(call, tiny, percent, actual, level):
    given = call("schedules", "SamplingPercentToSigma", tiny.model, percent, actual)
    assert given.sigma_value == pytest.approx(level, rel=2e-5)


def test_the_new_samplers_say_what_they_are_run_with(call, tiny):
    assert call("samplers", "SamplerEulerCFGpp").options == {"alternative": False}
    assert call("samplers", "SamplerEulerCFGpp", "alternative").options == {"alternative": True}
    assert call("samplers", "SamplerSEEDS2", "phi_2", 0.5, 0.8, 0.3).options == {
        "solver_type": "phi_2", "eta": 0.5, "s_noise": 0.8, "r": 0.3
    }  # fmt: skip
    chosen = call("samplers", "SamplerSASolver", tiny.model, use_pece=True)
    assert (chosen.name, chosen.options["pece"]) == ("sa_solver", True)
    assert chosen.options["sde_start"] == pytest.approx(5.092408) and chosen.options["sde_end"] == pytest.approx(
        0.5711889
    )
    everywhere = call("samplers", "SamplerSASolver", tiny.model, sde_start_percent=0.0, sde_end_percent=1.0).options
    assert (everywhere["sde_start"], everywhere["sde_end"]) == (float("inf"), 0.0)
