import threading
from dataclasses import dataclass, replace
from types import SimpleNamespace

import psutil
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from graphengine.diffusion.residency import Residency
from graphengine.diffusion.types import Part
from graphengine.diffusion.weights.mapped import open_safetensors

KIB = 1024


@dataclass(frozen=True, eq=False)
class Add:
    amount: float
    touched: frozenset = frozenset({"weight"})

    def names(self):
        return self.touched

    def apply(self, name, weight):
        return weight + self.amount


@pytest.fixture
def part(tmp_path):
    """Makes parts of so many KiB in float32."""

    def make(name, kib):
        path = tmp_path / f"{name}.safetensors"
        save_file({"weight": torch.full((kib * KIB // 4 - 1, 1), 0.1), "bias": torch.ones(1)}, path)

        def build():
            layer = nn.Linear(1, 1)
            layer.weight = nn.Parameter(torch.empty(kib * KIB // 4 - 1, 1))
            return layer

        return Part(name, "none", build, open_safetensors(path), str(path))

    return make


def residency(kib=None, report=lambda _message: None):
    return Residency("cpu", None if kib is None else kib * KIB, "fp32", report=report)


def held(store):
    return [name for name, _ in store.held()]


def test_the_device_and_its_memory_are_told():
    name, total, free = residency().room()
    assert name == "cpu" and total == psutil.virtual_memory().total and 0 < free < total


def test_the_least_recently_used_network_leaves_first(part):
    store = residency(10)
    a, b, c = part("a", 4), part("b", 4), part("c", 4)
    for each in (a, b, a, c):
        with store.use(each):
            pass
    assert store.held() == [("a", 4 * KIB), ("c", 4 * KIB)]


def test_a_network_in_use_is_never_evicted_and_going_over_the_budget_is_reported(part):
    reports = []
    store = residency(6, reports.append)
    with store.use(part("a", 4)) as a, store.use(part("b", 4)):
        assert held(store) == ["a", "b"]
        assert a.weight.shape == (KIB - 1, 1)
    assert len(reports) == 1 and "b takes 0.0 MiB" in reports[0] and "loading it all the same" in reports[0]


def test_a_network_that_fits_is_loaded_once(part):
    store, a = residency(), part("a", 4)
    with store.use(a) as first:
        pass
    with store.use(a) as second:
        assert second is first


def test_free_lets_go_of_idle_networks_only(part):
    store = residency()
    for name in ("a", "b"):
        with store.use(part(name, 4)):
            pass
    with store.use(part("c", 4)):
        assert store.free(1) == 4 * KIB and held(store) == ["b", "c"]
        assert store.free() == 4 * KIB and held(store) == ["c"]


def test_taking_a_patch_away_restores_the_weights_bit_for_bit_in_the_same_network(part):
    store, a = residency(), part("a", 4)
    with store.use(a) as module:
        before, bias = module.weight.detach().clone(), module.bias
    with store.use(replace(a, patches=(Add(0.3), Add(1e9)))) as patched:
        assert patched is module
        assert torch.equal(module.weight, before + 0.3 + 1e9)
        assert module.bias is bias
    with store.use(a):
        assert torch.equal(module.weight, before)
    assert len(store.held()) == 1


def test_patches_that_stay_are_not_computed_again(part):
    applied = []

    class Counted(Add):
        def apply(self, name, weight):
            applied.append(name)
            return super().apply(name, weight)

    store, a = residency(), part("a", 4)
    stays = Counted(1.0)
    with store.use(replace(a, patches=(stays,))):
        pass
    with store.use(replace(a, patches=(stays, Add(1.0, frozenset({"bias"}))))) as module:
        assert module.bias.item() == 2.0
    assert applied == ["weight"]


def test_a_network_in_use_is_not_changed_for_another_user(part):
    store, a = residency(), part("a", 4)
    with store.use(a) as plain, store.use(replace(a, patches=(Add(1.0),))) as patched:
        assert patched is not plain
        assert torch.equal(patched.weight, plain.weight + 1.0)


def test_a_patch_that_fails_leaves_no_half_changed_network(part):
    class Broken(Add):
        def apply(self, name, weight):
            raise RuntimeError("broken")

    store, a = residency(), part("a", 4)
    with store.use(a):
        pass
    with pytest.raises(RuntimeError, match="broken"), store.use(replace(a, patches=(Broken(1.0),))):
        pass
    assert held(store) == []


def test_threads_share_one_network(part):
    store, a = residency(), part("a", 64)
    modules = []

    def work():
        for _ in range(20):
            with store.use(a) as module:
                modules.append(module)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(module) for module in modules}) == 1


def test_a_residency_is_made_from_anything_with_the_settings():
    store = Residency.create(SimpleNamespace(device="cpu", memory_budget=5, precision="bf16", port=1))
    assert (store.device.type, store.memory_budget, store.precision.mode) == ("cpu", 5, "bf16")
    assert Residency.create(object()).memory_budget > 0
