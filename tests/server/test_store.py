"""The store: groups, failures that stay with whoever caused them, a full disk, killed processes."""

import asyncio
import os
import random
import sqlite3
import time

import pytest

from graphengine.server import open_file
from graphengine.server.errors import StoreError
from graphengine.server.store import Store
from tests.server.children import fact, facts, started


def test_a_write_is_read_by_the_next_reader_and_after_the_store_is_opened_again(path):
    async def write():
        store = Store(path)
        assert await store.write(fact("one")) == 1
        assert await store.read(facts) == ["one"]
        store.close()

    asyncio.run(write())
    assert not path.with_name("server.db-wal").exists()
    store = Store(path)
    assert asyncio.run(store.read(facts)) == ["one"]
    store.close()


def test_writes_that_wait_are_committed_together(store):
    async def many():
        began = []
        store._writer.set_trace_callback(began.append)
        await asyncio.gather(*(store.write(fact(f"{number:03}")) for number in range(100)))
        return [statement for statement in began if statement.startswith("BEGIN")]

    assert len(asyncio.run(many())) < 20
    assert len(asyncio.run(store.read(facts))) == 100


def fail(connection):
    fact("lost")(connection)
    raise ValueError("no")


@pytest.mark.parametrize(("failing", "error"), [(fail, ValueError), (fact("a"), StoreError)])
def test_a_failing_work_loses_only_its_own_writes(store, failing, error):
    async def group():  # "a" twice breaks the primary key
        works = [fact("a"), fact("b"), failing, fact("c"), fact("d")]
        return await asyncio.gather(*map(store.write, works), return_exceptions=True)

    for _ in range(3):
        outcomes = asyncio.run(group())
        assert isinstance(outcomes.pop(2), error)
        assert outcomes == [1] * 4
        assert asyncio.run(store.read(facts)) == [*"abcd"]
        with pytest.raises(error):
            asyncio.run(store.write(failing))
        assert asyncio.run(store.read(facts)) == [*"abcd"]
        asyncio.run(store.write(lambda connection: connection.execute("DELETE FROM facts")))


def test_a_cancelled_caller_stops_nobody_else(store):
    async def cancelled():
        one = asyncio.create_task(store.write(fact("one")))
        two = asyncio.create_task(store.write(fact("two")))
        await asyncio.sleep(0)
        one.cancel()
        return await two

    assert asyncio.run(cancelled()) == 1


def test_readers_cannot_write_and_see_one_state_throughout(store):
    def twice(connection):
        before = facts(connection)
        time.sleep(0.05)
        return before, facts(connection)

    async def beside():
        reading = asyncio.create_task(store.read(twice))
        await asyncio.sleep(0.02)
        await store.write(fact("meanwhile"))
        return await reading

    before, after = asyncio.run(beside())
    assert before == after == []
    with pytest.raises(StoreError, match="readonly"):
        asyncio.run(store.read(fact("forbidden")))


def test_a_closed_store_says_so(path):
    store = Store(path)
    store.close()
    store.close()
    for ask in (store.read, store.write):
        with pytest.raises(StoreError, match=r"server\.db is closed"):
            asyncio.run(ask(facts))


def test_two_stores_cannot_have_one_file(store, path):
    with pytest.raises(StoreError, match=rf"in use by another server \(process {os.getpid()}\)"):
        Store(path)
    store.close()
    Store(path).close()


def test_the_lock_of_a_killed_process_is_gone(path):
    with started(path, "store = Store(path); print('ready', flush=True); import time; time.sleep(60)") as child:
        assert child.stdout.readline() == b"ready\n"
        with pytest.raises(StoreError, match=rf"process {child.pid}\)"):
            Store(path)
        child.kill()
    Store(path).close()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: path.write_bytes(b"GIF89a" * 1000), "file is not a database.*Move the file away"),
        (lambda path: other(path, "CREATE TABLE a (b)"), "another program"),
        (lambda path: (Store(path).close(), other(path, "PRAGMA user_version = 99")), "newer graphengine.*99"),
        (lambda path: damage(path), "damaged|malformed.*backup"),
        (lambda path: path.mkdir(), "Cannot open"),
    ],
)
def test_a_file_that_is_not_to_be_written_is_refused_and_left_as_it_was(path, make, message):
    make(path)
    before = path.read_bytes() if path.is_file() else None
    for _ in range(2):  # the lock is let go
        with pytest.raises(StoreError, match=f"(?s)server.db.*{message}|{message}"):
            Store(path)
    assert before == (path.read_bytes() if path.is_file() else None)


def other(path, statement):
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


def damage(path):
    store = Store(path)
    asyncio.run(
        store.write(lambda c: c.executemany("INSERT INTO facts VALUES (?, 'x')", [(str(n),) for n in range(9000)]))
    )
    store.close()
    data = bytearray(path.read_bytes())
    middle = len(data) * 3 // 4 // 4096 * 4096  # a page with rows of facts; before it is told which tables there are
    data[middle : middle + 40_000] = random.Random(1).randbytes(40_000)
    path.write_bytes(data)


def damage_text(path):
    store = Store(path)
    asyncio.run(store.write(fact("m" * 30)))
    store.close()
    path.write_bytes(path.read_bytes().replace(b"m" * 30, b"\xff" * 30))


@pytest.mark.parametrize("damage", [damage, damage_text])
def test_damage_found_later_is_told_with_its_cure(path, monkeypatch, damage):
    damage(path)
    monkeypatch.setattr(open_file, "CHECKED_AT_OPEN", 0)
    store = Store(path)
    for ask in (store.read, store.write):
        with pytest.raises(StoreError, match=r"server\.db: database disk image is malformed\. Put a backup"):
            asyncio.run(ask(facts))
    store.close()


def test_an_empty_file_becomes_a_store(path):
    path.touch()
    Store(path).close()
    assert path.read_bytes().startswith(b"SQLite format 3\0")


def test_a_full_file_costs_only_the_write_that_does_not_fit(store, path):
    big = "x" * 2_000_000

    async def fill():
        await store.write(lambda c: c.execute("PRAGMA max_page_count = 200").fetchone())
        works = [fact("a"), fact("big", big), fact("b")]
        outcomes = await asyncio.gather(*map(store.write, works), return_exceptions=True)
        await store.write(lambda c: c.execute("PRAGMA max_page_count = 1000000").fetchone())
        return outcomes, await store.write(fact("big", big))

    (one, full, two), again = asyncio.run(fill())
    assert (one, two, again) == (1, 1, 1)
    assert isinstance(full, StoreError)
    assert str(path) in full.message
    assert "Free some space" in full.cure
    assert asyncio.run(store.read(facts)) == ["a", "b", "big"]


def test_a_full_disk_loses_nothing_that_was_acknowledged_and_service_goes_on(path):
    code = """
        import resource
        from graphengine.server.errors import StoreError
        store, kept, refused = Store(path), [], 0
        async def go():
            global refused
            resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, resource.RLIM_INFINITY))
            for number in range(400):
                if number == 300:
                    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
                try:
                    await store.write(fact(f"{number:03}", "x" * 4000))
                    kept.append(f"{number:03}")
                except StoreError as error:
                    assert str(path) in error.message and "Free some space" in error.cure, error
                    refused += 1
            assert await store.read(facts) == kept
        asyncio.run(go())
        store.close()
        print(refused, kept[-1], len(kept))
    """
    with started(path, code) as child:
        refused, last, kept = child.communicate(timeout=60)[0].split()
    assert child.returncode == 0
    assert int(refused) > 50
    assert last == b"399"
    store = Store(path)
    assert len(asyncio.run(store.read(facts))) == int(kept)
    store.close()


def test_a_process_killed_at_any_moment_has_lost_nothing_that_it_acknowledged(path):
    code = """
        store = Store(path)
        async def one(name):
            await store.write(fact(name, "x" * 300))
            print(name, flush=True)
        async def go():
            for number in range(100_000):
                await asyncio.gather(*(one(f"{ROUND}-{number}-{part}") for part in range(4)))
        asyncio.run(go())
    """
    moments, told = random.Random(2), set()
    for number in range(20):
        with started(path, code.replace("ROUND", str(number))) as child:
            told.add(child.stdout.readline())  # it has begun
            time.sleep(moments.uniform(0, 0.05))
            child.kill()
            told |= set(child.stdout.read().splitlines(keepends=True))
    told = {line.decode().strip() for line in told if line.endswith(b"\n")}
    store = Store(path)
    kept = set(asyncio.run(store.read(facts)))
    store.close()
    assert len(told) > 100
    assert told <= kept
