"""What the options of ``serve`` mean."""

import pytest

from graphengine.cli.parser import build_parser
from graphengine.cli.serve import serving_of, settings_of
from graphengine.graph.errors import CallError
from graphengine.server.config import Retention, resolve


def parsed(*options):
    return build_parser().parse_args(["serve", *options])


@pytest.mark.parametrize(("options", "workers", "devices"), [
    ("", 1, ["auto"]),
    ("--workers 3", 3, ["auto"]),
    ("--device cuda:0 --device cuda:1", 2, ["cuda:0", "cuda:1"]),
    ("--device cuda:0 --device cuda:1 --workers 4", 4, ["cuda:0", "cuda:1"]),
])  # fmt: skip
def test_there_is_a_worker_on_each_device_unless_their_number_is_told(options, workers, devices):
    serving = serving_of(parsed(*options.split()))
    assert (serving.workers, list(serving.devices)) == (workers, devices)
    assert settings_of(parsed(*options.split())).device == devices[0]


def test_fewer_workers_than_devices_are_refused():
    with pytest.raises(CallError, match="1 workers cannot be on cpu, cuda"):
        resolve(serving_of(parsed("--device", "cpu", "--device", "cuda", "--workers", "1")))


def test_what_is_kept_is_the_default_but_for_what_is_told():
    assert serving_of(parsed()).retention == Retention()
    told = serving_of(parsed("--keep-jobs", "0", "--keep-days", "7", "--keep-temp", "1G")).retention
    assert (told.jobs, told.job_seconds, told.temp_bytes) == (0, 7 * 86400, 2**30)
    assert told.database_bytes == Retention().database_bytes
    with pytest.raises(CallError, match="--keep-jobs"):
        resolve(serving_of(parsed("--keep-jobs", "-1")))
