"""Room on the disk."""

import asyncio
import os
import re
import sqlite3
import time
from pathlib import Path

import pytest

from graphengine.server import open_file
from graphengine.server.space import give_back, trim, used_bytes
from graphengine.server.store import Store

ROOT = Path(__file__).parents[2]


def test_the_oldest_files_go_until_the_rest_fits_and_those_that_are_too_old_go_too(tmp_path):
    for number in range(10):
        path = tmp_path / f"{number % 3}" / f"{number}.bin"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(bytes(100))
        os.utime(path, (0, time.time() - 1000 + 100 * number))

    def left():
        return sorted(int(path.stem) for path in tmp_path.rglob("*.bin"))

    assert trim(tmp_path, 10_000) == 0 and len(left()) == 10
    assert trim(tmp_path, 750) == 3 and left() == [3, 4, 5, 6, 7, 8, 9]
    assert trim(tmp_path, 10_000, most_seconds=450) == 3 and left() == [6, 7, 8, 9]
    assert trim(tmp_path / "nothing", 0) == 0


def test_trimming_follows_no_link_out_of_its_folder(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_bytes(bytes(100))
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link").symlink_to(outside)
    (folder / "file").symlink_to(outside / "kept")
    trim(folder, 0, most_seconds=-1)
    assert (outside / "kept").exists() and not (folder / "file").is_symlink()


def fill(connection):
    for number in range(2000):
        connection.execute("INSERT INTO contents (digest, data) VALUES (?, ?)", (b"%d" % number, bytes(8192)))


def test_a_database_whose_rows_have_gone_shrinks_on_the_disk_a_bite_at_a_time(store, path):
    async def play():
        await store.write(fill)
        full = await store.read(used_bytes)
        assert full > 2000 * 8192
        await store.write(lambda connection: connection.execute("DELETE FROM contents").rowcount)
        assert await store.read(used_bytes) < full / 10
        bites = 1
        while await store.write(give_back):
            bites += 1
        return bites

    assert 5 < asyncio.run(play()) < 50
    store.close()
    assert path.stat().st_size < 1_000_000


@pytest.fixture
def made_earlier(path, monkeypatch):
    """A store whose file was made when files could not shrink yet, and its rows have gone."""
    connect = open_file._connect

    def plain(path, mode):
        connection = connect(path, mode)
        if not path.stat().st_size:
            connection.execute("PRAGMA journal_mode = WAL")  # after which the one for shrinking does nothing
        return connection

    with monkeypatch.context() as patch:
        patch.setattr(open_file, "_connect", plain)
        store = Store(path)

    async def fill_and_empty():
        await store.write(fill)
        await store.write(lambda connection: connection.execute("DELETE FROM contents").rowcount)

    asyncio.run(fill_and_empty())
    store.close()


def test_a_file_made_earlier_is_left_as_it_is_and_shrinks_after_the_command_of_the_documentation(made_earlier, path):
    size = path.stat().st_size
    store = Store(path)
    assert asyncio.run(store.write(give_back)) is False
    store.close()
    assert path.stat().st_size == size > 16_000_000
    connection = sqlite3.connect(path)
    documented = (ROOT / "docs/operations.md").read_text()
    (command,) = re.findall(r'server\.sqlite "(PRAGMA [^"]*)"', documented)
    connection.executescript(command)
    connection.close()
    assert path.stat().st_size < 1_000_000
    store = Store(path)

    async def again():
        await store.write(fill)
        await store.write(lambda connection: connection.execute("DELETE FROM contents").rowcount)
        return await store.write(give_back)

    assert asyncio.run(again())
    store.close()
