"""A disk that is really full: told with its place, nothing lost or half-written, and all goes on once there is room."""

import asyncio
import io
import json
import os
import subprocess
from contextlib import contextmanager

import pytest
from aiohttp import FormData

from tests.indexed import PACKS, indexed

from .serving import SAY, play, workflow

MIB = 2**20
TEXT = 2**19  # characters, of what does not fit
LARGE = {"graphengine": 1, "nodes": {}, "layout": {"text": "x" * TEXT}}


@contextmanager
def mounted(folder, size="24m"):
    folder.mkdir()
    if os.name != "posix" or os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True, text=True
    )
    if made.returncode:
        pytest.skip(f"no disk can be mounted here: {made.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture
def home(tmp_path):
    with mounted(tmp_path / "disk"):
        yield indexed(tmp_path / "disk" / "home", PACKS)


def fill(home, but=0):
    """Leave so many bytes."""
    with (home.parent / "ballast").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(2**16))
        except OSError:
            file.truncate(max(0, file.tell() - but))


def make_room(home):
    (home.parent / "ballast").unlink()


def left_aside(home):
    return [path for path in home.rglob("*.part")]


def form(name, content):
    data = FormData(default_to_multipart=True)
    data.add_field("file", io.BytesIO(content), filename=name)
    return data


async def refused(api, method, path, place, **options):
    error = (await api.ask(method, path, 507, **options))["error"]
    assert place in error["message"] and "Free some space" in error["cure"], error


def test_a_document_that_does_not_fit_is_refused_and_the_last_one_stays(home):
    async def act(api):
        saved = json.dumps(SAY).encode()
        await api.ask("PUT", "/documents/kept", data=saved)
        fill(home)
        await refused(api, "PUT", "/documents/kept?based_on=1", "HOME/server", data=json.dumps(LARGE).encode())
        assert await api.get("/documents/kept") == json.loads(saved)
        assert (await api.get("/health"))["status"] == "ok"
        make_room(home)
        await api.ask("PUT", "/documents/kept?based_on=1", data=json.dumps(LARGE).encode())
        assert await api.get("/documents/kept") == LARGE

    play(home, act)


def test_a_job_that_does_not_fit_is_not_accepted_and_the_next_one_runs(home):
    async def act(api):
        fill(home)
        large = workflow(say=("Say", {"text": "x" * TEXT}))
        await refused(api, "POST", "/jobs", "HOME/server", json={"workflow": large, "id": "large"})
        await api.get("/jobs/large", 404)
        make_room(home)
        assert (await api.ended((await api.submit(large, id="large"))["id"]))["state"] == "done"

    play(home, act)


def test_a_job_whose_end_does_not_fit_is_recorded_once_there_is_room_and_the_queue_goes_on(home):
    async def act(api):
        await api.submit(workflow(work=("Work", {"seconds": 1.5})), id="long")
        await api.submit(SAY, id="next")
        await api.working("long")
        fill(home)
        await asyncio.sleep(4)
        assert (await api.get("/jobs/long"))["state"] == "running"
        make_room(home)
        long = await api.ended("long")
        assert long["state"] == "done" and len(long["results"]) == 1
        assert (await api.ended("next"))["state"] == "done"

    play(home, act)


def test_a_file_that_does_not_fit_fails_its_job_and_leaves_nothing(home):
    async def act(api):
        await api.ended((await api.submit(workflow(save=("Save", {"bytes": 3}))))["id"])
        fill(home, but=2 * MIB)
        failed = await api.ended((await api.submit(workflow(save=("Save", {"bytes": 4 * MIB}))))["id"])
        assert failed["state"] == "failed"
        assert "output/saved_00002_.bin" in failed["reason"] and "No space" in failed["reason"]
        assert [path.name for path in (home / "output").iterdir()] == ["saved_00001_.bin"]
        make_room(home)
        assert (await api.ended((await api.submit(workflow(save=("Save", {"bytes": 4 * MIB}))))["id"]))[
            "state"
        ] == "done"

    play(home, act)


def test_an_upload_that_does_not_fit_leaves_nothing_and_the_next_one_is_stored(home):
    async def act(api):
        fill(home, but=MIB)
        content = bytes(4 * MIB)
        await refused(api, "POST", "/uploads", "HOME/input", data=form("a.bin", content))
        assert list((home / "input").iterdir()) == []
        make_room(home)
        await api.ask("POST", "/uploads", 201, data=form("a.bin", content))
        assert (home / "input/a.bin").read_bytes() == content
        assert left_aside(home) == []

    play(home, act)
