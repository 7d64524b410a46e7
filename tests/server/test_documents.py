"""Documents by name."""

import asyncio
import hashlib
import time

import pytest

from graphengine.graph.errors import CallError, DocumentError
from graphengine.server import document_rows, documents
from graphengine.server.document_rows import DAY, HOUR, MINUTE, surplus
from graphengine.server.documents import Documents
from graphengine.server.errors import Conflict
from graphengine.server.job import Submission
from graphengine.server.jobs import Jobs
from graphengine.server.open_file import open_writer
from graphengine.server.schema import MIGRATIONS
from graphengine.server.store import Store


@pytest.fixture
def kept(store):
    return Documents(store)


def go(coroutine):
    return asyncio.run(coroutine)


def rows(store, table):
    return go(store.read(lambda connection: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]))


def test_a_document_is_read_as_it_was_saved_to_the_byte_after_a_restart(path):
    store = Store(path)
    version = go(Documents(store).save("a/b", b'{"x": 1 }\xff', None))
    store.close()
    store = Store(path)
    assert go(Documents(store).read("a/b")) == (b'{"x": 1 }\xff', version)
    store.close()


def test_a_save_based_on_an_older_version_is_a_conflict_that_names_the_current_one(kept):
    first = go(kept.save("a", b"1", None))
    second = go(kept.save("a", b"2", first))
    for based_on in (first, None, second + 1):
        with pytest.raises(Conflict, match=f"version {second} is there now") as raised:
            go(kept.save("a", b"3", based_on))
        assert raised.value.current == second
    assert go(kept.read("a")) == (b"2", second)
    with pytest.raises(Conflict, match="not there") as raised:
        go(kept.save("new", b"1", second))
    assert raised.value.current is None


def test_of_two_saves_at_once_one_wins(kept):
    async def both():
        first = await kept.save("a", b"0", None)
        saves = (kept.save("a", b"%d" % number, first) for number in range(1, 9))
        return await asyncio.gather(*saves, return_exceptions=True)

    outcomes = go(both())
    assert [type(outcome) for outcome in outcomes].count(Conflict) == 7
    assert len(go(kept.history("a"))) == 2


def test_saving_the_same_bytes_again_writes_nothing(kept, store):
    first = go(kept.save("a", b"1", None))
    assert [go(kept.save("a", b"1", based_on)) for based_on in (first, None, 99)] == [first] * 3
    assert rows(store, "versions") == 1


def test_a_document_made_anew_has_no_version_of_the_old(kept):
    old = go(kept.save("a", b"1", None))
    go(kept.delete("a"))
    new = go(kept.save("a", b"2", None))
    with pytest.raises(Conflict):
        go(kept.save("a", b"3", old))
    assert go(kept.read("a")) == (b"2", new)


def test_a_draft_is_kept_apart_and_ended_by_a_save(kept):
    first = go(kept.save("a", b"1", None))
    for data in (b"1x", b"1xy"):
        go(kept.draft("a", data, first))
    draft = go(kept.read_draft("a"))
    assert (draft.data, draft.based_on) == (b"1xy", first)
    assert go(kept.read("a")) == (b"1", first)
    go(kept.save("a", b"2", first))
    assert go(kept.read_draft("a")) is None
    go(kept.draft("unsaved", b"", None))
    assert [(e.name, e.version, e.draft) for e in go(kept.entries())] == [
        ("a", first + 1, False),
        ("unsaved", None, True),
    ]
    go(kept.drop_draft("unsaved"))
    assert [entry.name for entry in go(kept.entries())] == ["a"]


def test_a_draft_takes_only_the_place_of_those_that_its_editor_knows(kept):
    one = go(kept.draft("a", b"one", None, ()))
    assert one == hashlib.sha256(b"one").hexdigest() == go(kept.read_draft("a")).tag
    two = go(kept.draft("a", b"two", None, (one,)))
    for known in ((), (one,), ("other",)):
        for call in (kept.draft("a", b"three", None, known), kept.drop_draft("a", known)):
            with pytest.raises(Conflict, match="Another draft of 'a'"):
                go(call)
    assert go(kept.read_draft("a")).data == b"two"
    assert go(kept.draft("a", b"two", None, (one,))) == two  # asked again, perhaps after a lost answer
    go(kept.drop_draft("a", (one, two)))
    go(kept.drop_draft("a", (one,)))  # there is none
    go(kept.draft("a", b"four", None, (two,)))
    go(kept.draft("a", b"five", None))
    assert go(kept.read_draft("a")).data == b"five"


def test_entries_are_those_in_a_folder_and_below(kept):
    for name in ("b", "a/1", "a/deep/2", "ab/3", "a_/4", "A/5"):
        go(kept.save(name, b"abc", None))
    assert [entry.name for entry in go(kept.entries("a"))] == ["a/1", "a/deep/2"]
    assert [entry.name for entry in go(kept.entries())] == ["A/5", "a/1", "a/deep/2", "a_/4", "ab/3", "b"]
    assert {entry.bytes for entry in go(kept.entries())} == {3}


def test_old_versions_are_listed_read_and_restored_as_new_ones(kept):
    first = go(kept.save("a", b"1", None))
    second = go(kept.save("a", b"22", first))
    other = go(kept.save("b", b"of b", None))
    assert [(v.version, v.bytes) for v in go(kept.history("a"))] == [(second, 2), (first, 1)]
    assert go(kept.read("a", first)) == (b"1", first)
    third = go(kept.restore("a", first))
    assert third > second
    assert go(kept.read("a")) == (b"1", third)
    for call in (kept.read("a", other), kept.restore("a", other), kept.read("a", 99)):
        with pytest.raises(CallError, match="no version"):
            go(call)


def test_a_version_has_a_name_until_it_is_taken_away(kept):
    first = go(kept.save("a", b"1", None))
    second = go(kept.save("a", b"2", first))
    other = go(kept.save("b", b"of b", None))
    go(kept.name_version("a", first, " before \u653e\u5927 "))
    assert [(v.version, v.name) for v in go(kept.history("a"))] == [(second, ""), (first, "before \u653e\u5927")]
    go(kept.name_version("a", first, "otherwise"))
    go(kept.rename("a", "c"))
    go(kept.delete("c"))
    go(kept.undelete("c"))
    assert [v.name for v in go(kept.history("c"))] == ["", "otherwise"]
    go(kept.restore("c", first))
    go(kept.name_version("c", first, " "))
    assert [v.name for v in go(kept.history("c"))] == ["", "", ""]
    for call in (kept.name_version("c", other, "x"), kept.name_version("c", 99, "x")):
        with pytest.raises(CallError, match="no version"):
            go(call)
    assert [v.name for v in go(kept.history("b"))] == [""]


def test_versions_of_an_older_file_have_no_name(path):
    connection = open_writer(path, MIGRATIONS[:5])
    connection.execute("INSERT INTO contents VALUES (1, x'00', x'7b7d')")
    connection.execute("INSERT INTO documents (id, name) VALUES (1, 'a')")
    connection.execute("INSERT INTO versions (version, document, time, content) VALUES (7, 1, 0, 1)")
    connection.close()
    store = Store(path)
    assert [(v.version, v.name) for v in go(Documents(store).history("a"))] == [(7, "")]
    store.close()


def test_renaming_takes_history_and_draft_along_and_never_overwrites(kept):
    first = go(kept.save("a", b"1", None))
    go(kept.save("b", b"2", None))
    go(kept.draft("a", b"x", first))
    go(kept.draft("c", b"y", None))
    for taken in ("b", "c"):
        with pytest.raises(Conflict, match=f"'{taken}' already"):
            go(kept.rename("a", taken))
    go(kept.rename("a", "a"))
    go(kept.rename("a", "d/e"))
    assert (go(kept.read("d/e")), go(kept.read_draft("d/e")).data) == ((b"1", first), b"x")
    with pytest.raises(CallError, match="There is no document 'a'"):
        go(kept.read("a"))


def test_what_ran_of_a_draft_or_of_a_renamed_document_goes_by_the_new_name(kept, store):
    async def ran():
        jobs = await Jobs.open(store)
        return {job.title: job.id for job in await jobs.page()}

    async def submit(*titles):
        jobs = await Jobs.open(store)
        for title in titles:
            await jobs.submit(Submission(document=b"{}", id=f"of {title}", title=title))

    go(submit("Untitled", "saved", "other"))
    go(kept.save("saved", b"1", None))
    go(kept.save("mine/first", b"2", None, was="Untitled"))
    go(kept.save("copy", b"1", None, was="saved"))  # which has its own
    assert go(ran()) == {"mine/first": "of Untitled", "saved": "of saved", "other": "of other"}
    go(kept.rename("mine/first", "mine/second"))
    assert go(ran()) == {"mine/second": "of Untitled", "saved": "of saved", "other": "of other"}


def test_a_deleted_document_comes_back_with_its_history(kept):
    first = go(kept.save("a", b"1", None))
    second = go(kept.save("a", b"2", first))
    go(kept.delete("a"))
    assert go(kept.entries()) == []
    for call in (kept.read("a"), kept.history("a"), kept.delete("a"), kept.rename("a", "b")):
        with pytest.raises(CallError, match="There is no document 'a'"):
            go(call)
    assert go(kept.undelete("a")) == second
    assert len(go(kept.history("a"))) == 2
    with pytest.raises(CallError, match="No document 'a' was deleted"):
        go(kept.undelete("a"))
    go(kept.delete("a"))
    go(kept.save("a", b"another", None))
    with pytest.raises(Conflict, match="'a' already"):
        go(kept.undelete("a"))


def test_what_was_deleted_long_ago_is_gone_with_its_contents(kept, store, monkeypatch):
    go(kept.save("a", b"1", None))
    go(kept.save("b", b"2", None))
    go(kept.delete("a"))
    later = time.time() + document_rows.KEPT_DELETED + 1
    monkeypatch.setattr(documents.time, "time", lambda: later)
    go(kept.delete("b"))
    go(kept.prune())
    assert [rows(store, table) for table in ("documents", "versions", "contents")] == [1, 1, 1]
    assert go(kept.undelete("b")) == 2


def test_a_version_number_is_never_given_again_even_when_the_highest_is_gone(kept, monkeypatch):
    go(kept.save("a", b"1", None))
    gone = go(kept.save("b", b"2", None))
    go(kept.delete("b"))
    later = time.time() + document_rows.KEPT_DELETED + 1
    monkeypatch.setattr(documents.time, "time", lambda: later)
    go(kept.delete("a"))
    go(kept.prune())
    assert go(kept.save("c", b"3", None)) > gone


def test_equal_contents_are_kept_once_and_dropped_with_the_last_that_has_them(kept, store):
    for name in ("a", "b"):
        go(kept.save(name, b"same", None))
    go(kept.draft("c", b"same", None))
    assert rows(store, "contents") == 1
    go(kept.draft("c", b"other", None))
    assert rows(store, "contents") == 2
    go(kept.drop_draft("c"))
    assert rows(store, "contents") == 1


@pytest.mark.parametrize(
    "name",
    ["", " ", "/etc/passwd", "../a", "a/../../b", "C:/x", "a\0b", "..\\a", "a\nb", "x" * 2000, "a/" + "é" * 200, "a?"],
)
def test_names_that_no_file_could_have_are_refused_everywhere(kept, name):
    calls = [kept.read(name), kept.save(name, b"", None), kept.draft(name, b"", None), kept.history(name)]
    calls += [
        kept.delete(name),
        kept.undelete(name),
        kept.rename("a", name),
        kept.rename(name, "a"),
        kept.restore(name, 1),
        kept.name_version(name, 1, "x"),
    ]
    calls += [kept.read_draft(name), kept.drop_draft(name)] + ([kept.entries(name)] if name else [])
    for call in calls:
        with pytest.raises(CallError, match="no file name"):
            go(call)


def test_two_ways_to_write_a_name_are_one_name(kept):
    version = go(kept.save("a\\cafe\u0301", b"1", None))
    for same in ("a/caf\u00e9", "./a//caf\u00e9", "a/cafe\u0301"):
        assert go(kept.read(same)) == (b"1", version)


def test_contents_beyond_the_limit_are_refused(kept, monkeypatch):
    monkeypatch.setattr(documents, "MAX_BYTES", 3)
    go(kept.save("a", b"123", None))
    for call in (kept.save("a", b"1234", 1), kept.draft("a", b"1234", 1)):
        with pytest.raises(DocumentError, match="4 bytes; the limit is 3"):
            go(call)


def test_saves_over_a_year_leave_few_versions_and_one_near_any_moment():
    start, times = 1_700_000_000.0, []
    coarse = [start + 97 * MINUTE * step for step in range(5400)]
    for moment in [*coarse, *(coarse[-1] + MINUTE * step for step in range(1, 2000))]:
        times.append(moment)
        gone = surplus(times, moment)
        times = [kept for position, kept in enumerate(times) if position not in gone]
    assert len(times) < 10 + 60 + 144 + 30 + 14
    nearest = {age: min(abs(moment - age - held) for held in times) for age in (HOUR / 2, DAY / 2, 20 * DAY, 200 * DAY)}
    assert nearest[HOUR / 2] <= MINUTE
    assert nearest[DAY / 2] <= 10 * MINUTE
    assert nearest[20 * DAY] <= DAY
    assert nearest[200 * DAY] <= 30 * DAY


def test_what_has_a_name_is_kept_however_old_it_is_until_that_is_taken_away(kept, store, monkeypatch):
    base = 1000 * 30 * DAY
    version = None
    for second in range(4):
        monkeypatch.setattr(documents.time, "time", lambda moment=base + second: moment)
        version = go(kept.save("a", b"%d" % second, version))
    first, second = sorted(v.version for v in go(kept.history("a")))[:2]
    for named in (first, second):
        go(kept.name_version("a", named, "mine"))
    monkeypatch.setattr(documents.time, "time", lambda: base + 100 * DAY)
    go(kept.prune())
    assert [v.version for v in go(kept.history("a"))] == [version, second, first]
    go(kept.name_version("a", first, ""))
    version = go(kept.save("a", b"new", version))
    assert [v.version for v in go(kept.history("a"))] == [version, version - 1, second]
    assert rows(store, "contents") == 3


def test_saving_thins_the_history_and_drops_the_contents(kept, store, monkeypatch):
    clock = [1_700_000_000.0]
    monkeypatch.setattr(documents.time, "time", lambda: clock[0])
    version = None
    for number in range(100):
        clock[0] += 20.0
        version = go(kept.save("a", b"%d" % number, version))
    kept_versions = go(kept.history("a"))
    assert kept_versions[0].version == version
    assert 30 <= len(kept_versions) < 60
    assert rows(store, "contents") == len(kept_versions)
