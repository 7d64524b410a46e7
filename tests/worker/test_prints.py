"""What nodes print, as lines of the log."""

import asyncio
import logging

from graphengine.api import Node
from graphengine.worker.prints import LONGEST, log_prints
from tests.worker.test_worker import job, working


def logged(caplog, *pieces):
    async def run():
        stream = asyncio.StreamReader()
        logging_it = asyncio.create_task(log_prints(stream))
        for piece in pieces:
            stream.feed_data(piece)
            await asyncio.sleep(0)
        stream.feed_eof()
        await logging_it

    caplog.set_level(logging.INFO, "graphengine.nodes")
    asyncio.run(run())
    return [record.getMessage() for record in caplog.records if record.name == "graphengine.nodes"]


def test_lines_are_logged_whole_however_they_come(caplog):
    text = "one\r\ntwo 日本\n\nhalf a line".encode()
    assert logged(caplog, *(text[place : place + 1] for place in range(len(text)))) == [
        "one",
        "two 日本",
        "half a line",
    ]


def test_bytes_that_are_no_text_and_signs_of_formats_are_shown_and_not_followed(caplog):
    assert logged(caplog, b"%s \xff %d\n") == ["%s \ufffd %d"]


def test_of_a_progress_bar_its_last_state_is_logged(caplog):
    bar = [f"\r{percent:3d} %".encode() for percent in range(0, 101, 10)]
    assert logged(caplog, *bar, b"\nafter\n") == ["100 %", "after"]


def test_what_never_ends_a_line_is_not_held_without_end(caplog):
    lines = logged(caplog, *[b"x" * 1000] * 50)
    assert "".join(lines) == "x" * 50_000
    assert all(len(line) <= LONGEST for line in lines)


def test_what_a_node_prints_is_logged_while_the_worker_runs_and_so_are_its_last_words(tmp_path, caplog):
    caplog.set_level(logging.INFO, "graphengine.nodes")

    async def play(worker, heard):
        worker.send(job("one", say=Node("acts/Say")))
        await heard.until(lambda: "printed by a node" in caplog.messages)
        worker.send(job("two", say=Node("acts/Say", {"text": "again"}), fall=Node("acts/Fall", {"number": 6})))
        await heard.until(lambda: heard.deaths)
        return caplog.messages.count("printed by a node")

    assert working(tmp_path, play) == 2
