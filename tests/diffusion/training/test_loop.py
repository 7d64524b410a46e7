import json
import math
import random

import pytest
import torch
from torch import nn

from graphengine.diffusion.training.ema import EMA
from graphengine.diffusion.training.loop import Budget, Run, Settings
from graphengine.diffusion.training.peers import FlatGradients, Peers


class Regression:
    """Learn a fixed matrix from random vectors."""

    def __init__(self):
        torch.manual_seed(0)
        self.module = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))

    def loss(self, rng):
        x = torch.randn(16, 4, generator=torch.Generator().manual_seed(rng.getrandbits(63)))
        return (self.module(x) - x[:, :2]).square().mean()


def weights(run):
    return torch.cat([parameter.detach().flatten() for parameter in run.task.module.parameters()])


def averages(run):
    return torch.cat([average.flatten() for average in run.ema.shadow.values()])


def test_a_resumed_run_ends_exactly_where_an_unbroken_one_does(tmp_path):
    unbroken = Run(Regression(), tmp_path / "unbroken", Settings(warm_up=3))
    unbroken.train(Budget(steps=12))
    first = Run(Regression(), tmp_path / "broken", Settings(warm_up=3))
    for step in range(5):
        first.advance(step / 12)
    first.save()
    second = Run(Regression(), tmp_path / "broken", Settings(warm_up=3))
    second.train(Budget(steps=12))
    assert second.step == unbroken.step == 12
    assert torch.equal(weights(second), weights(unbroken))
    assert torch.equal(averages(second), averages(unbroken))


def test_training_lowers_the_loss_and_keeps_the_curve_as_data(tmp_path):
    run = Run(Regression(), tmp_path, Settings(learning_rate=0.02, warm_up=5))
    run.train(Budget(steps=60))
    curve = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [point["step"] for point in curve] == list(range(1, 61))
    assert curve[-1]["loss"] < 0.5 * curve[0]["loss"]


def test_a_budget_in_minutes_ends_the_run_and_a_finished_run_does_nothing_more(tmp_path):
    run = Run(Regression(), tmp_path, Settings())
    run.train(Budget(minutes=0.2 / 60))
    assert run.elapsed >= 0.2
    again = Run(Regression(), tmp_path, Settings())
    again.train(Budget(minutes=0.2 / 60))
    assert again.step == run.step


def test_a_budget_is_either_minutes_or_steps():
    with pytest.raises(ValueError, match="minutes=1 and steps=2"):
        Budget(minutes=1, steps=2)


def test_the_rate_warms_up_and_falls_along_half_a_cosine():
    settings = Settings(warm_up=10, decay_from=0.5, floor=0.1)
    assert settings.rate(0.0, 4) == pytest.approx(0.5)
    assert settings.rate(0.5, 100) == pytest.approx(1.0)
    assert settings.rate(0.75, 100) == pytest.approx(0.1 + 0.9 * (1 + math.cos(math.pi / 2)) / 2)
    assert settings.rate(1.0, 100) == pytest.approx(0.1)


def test_the_average_of_weights_that_stand_still_is_those_weights():
    module = nn.Linear(3, 3)
    ema = EMA(module, 0.9)
    ema.update(module)
    torch.testing.assert_close(ema.shadow["weight"], module.weight.detach())


def test_the_average_warms_up_as_in_the_latent_diffusion_code():
    module = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(module.weight)
    ema = EMA(module, 0.5)
    nn.init.ones_(module.weight)
    expected = 0.0
    for update in range(1, 15):
        ema.update(module)
        decay = min(0.5, (1 + update) / (10 + update))
        expected = decay * expected + (1 - decay)
        assert float(ema.shadow["weight"]) == pytest.approx(expected)


def test_swapping_the_average_in_twice_changes_nothing():
    module = nn.Linear(2, 2)
    ema = EMA(module, 0.9)
    nn.init.ones_(module.weight)
    before = module.weight.detach().clone()
    ema.swap(module)
    assert not torch.equal(module.weight, before)
    ema.swap(module)
    assert torch.equal(module.weight, before)


def test_gradients_are_views_of_one_vector_and_are_clipped_to_its_norm():
    module = nn.Linear(3, 1)
    gradients = FlatGradients(module.parameters())
    gradients.clear()
    (100 * module(torch.ones(1, 3))).sum().backward()
    exact = math.sqrt(4 * 100**2)
    assert gradients.average(Peers(), 0.25) == 0.25
    assert gradients.clip(1.0) == pytest.approx(exact)
    assert float(torch.cat([module.weight.grad.flatten(), module.bias.grad]).norm()) == pytest.approx(1.0)


def test_a_step_draws_from_a_generator_of_its_own(tmp_path):
    run = Run(Regression(), tmp_path, Settings())
    state = random.getstate()
    run.advance(0.0)
    assert random.getstate() == state
