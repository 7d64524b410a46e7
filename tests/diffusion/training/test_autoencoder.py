import math
import random
from dataclasses import replace

import pytest
import torch
from torch.nn.functional import mse_loss

from graphengine.diffusion.autoencoders.kl import KLConfig
from graphengine.diffusion.training.autoencoder import (
    AutoencoderTask,
    AutoencoderTraining,
    psnr,
    reconstruction_loss,
    train_autoencoder,
    whiten,
)
from graphengine.diffusion.training.fresh import fresh_autoencoder
from graphengine.diffusion.training.loop import RESULT, Budget, Settings, Stopped
from graphengine.diffusion.training.peers import Peers
from graphengine.diffusion.training.world.dataset import World
from graphengine.diffusion.weights.build import materialize

TINY = AutoencoderTraining(size=64, pictures=12, crops=4)
WORLD = World(100, everything=True, outlined=0.15)


def network():
    return fresh_autoencoder(KLConfig(channels=(4, 4, 8, 8), res_blocks=1, norm_groups=2), 0).part


def live():
    return materialize(network(), torch.float32, torch.device("cpu"), copy=True).requires_grad_(True)


def test_whitened_latents_have_unit_variance_and_decode_to_the_same_pictures():
    torch.manual_seed(0)
    autoencoder = live()
    images = torch.rand(24, 3, 32, 32)
    with torch.no_grad():
        before = autoencoder.decode(autoencoder.encode(images * 2 - 1).mode())
        std_before = autoencoder.encode(images * 2 - 1).std
        mean_before = autoencoder.encode(images * 2 - 1).mode()
        whiten(autoencoder, images, 0.18215)
        posterior = autoencoder.encode(images * 2 - 1)
        after = autoencoder.decode(posterior.mode())
    scaled = posterior.mode() * 0.18215
    torch.testing.assert_close(after, before, atol=1e-4, rtol=0)
    torch.testing.assert_close(scaled.mean((0, 2, 3)), torch.zeros(4), atol=1e-4, rtol=0)
    torch.testing.assert_close(scaled.std((0, 2, 3)), torch.ones(4), atol=1e-4, rtol=0)
    spread = posterior.mode().std((0, 2, 3)) / mean_before.std((0, 2, 3))
    torch.testing.assert_close(posterior.std, std_before * spread[:, None, None], atol=0, rtol=1e-3)


def test_training_takes_up_the_last_checkpoint_and_lowers_the_error(tmp_path):
    config = replace(TINY, settings=Settings(learning_rate=4e-3, warm_up=4))
    losses = []

    def note(progress):
        losses.append(progress.loss)
        return True

    for steps in (6, 30):
        train_autoencoder(
            config,
            live(),
            WORLD,
            tmp_path,
            whitened=World(100),
            scale=0.2,
            budget=Budget(steps=steps),
            on_progress=note,
        )
    assert len(losses) == 30
    assert sum(losses[-6:]) < 0.9 * sum(losses[:6])
    assert (tmp_path / RESULT).exists()


def test_training_stops_when_told_and_keeps_its_state(tmp_path):
    with pytest.raises(Stopped):
        train_autoencoder(
            TINY, live(), WORLD, tmp_path, whitened=WORLD, scale=1, budget=Budget(steps=9),
            on_progress=lambda progress: progress.step < 2,
        )  # fmt: skip
    assert torch.load(tmp_path / "state.pt", weights_only=True)["step"] == 2
    assert not (tmp_path / RESULT).exists()


def test_a_step_is_the_same_for_the_same_generator_and_another_for_another():
    task = AutoencoderTask(TINY, live(), WORLD, Peers())
    first, again, other = (float(task.loss(random.Random(seed)).detach()) for seed in (1, 1, 2))
    assert first == again != other


def test_processes_have_pictures_of_their_own():
    tasks = [AutoencoderTask(TINY, live(), WORLD, Peers(rank, 2)) for rank in (0, 1)]
    assert not set(tasks[0].numbers) & set(tasks[1].numbers)
    assert not torch.equal(tasks[0].large, tasks[1].large)


def test_psnr_is_that_of_the_mean_square_error():
    image = torch.zeros(1, 3, 8, 8)
    decoded = image + 0.1
    assert math.isclose(psnr(decoded, image), 20, abs_tol=1e-4)
    assert math.isclose(psnr(decoded, image), -10 * math.log10(mse_loss(decoded, image)), abs_tol=1e-4)


def test_a_constant_error_has_no_slope_and_a_checkerboard_has_the_most():
    image = torch.zeros(1, 3, 8, 8)
    board = ((torch.arange(8)[:, None] + torch.arange(8)) % 2).float().expand_as(image)
    assert math.isclose(float(reconstruction_loss(image + 0.5, image)), 0.5 + 2 * 0.25, rel_tol=1e-6)
    assert math.isclose(float(reconstruction_loss(board, image)), 0.5 + 2 * 0.5 + 0.7 * 2, rel_tol=1e-6)
