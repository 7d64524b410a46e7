import asyncio
import struct

from graphengine.compat.comfyui_server.listener import MOST, Listener
from graphengine.server.frames import Frame


class Channel:
    """One whose client reads only while ``reads`` is set."""

    def __init__(self):
        self.sent, self.reads, self.dropped = [], asyncio.Event(), False

    async def send(self, *frames):
        await self.reads.wait()
        self.sent += [frame.payload for frame in frames]

    def drop(self):
        self.dropped = True


def text(words):
    return Frame.text(words.encode())


def play(act):
    async def run():
        channel = Channel()
        listener = Listener("me", channel)
        sending = asyncio.create_task(listener.keep_sending())
        await act(listener, channel)
        sending.cancel()

    asyncio.run(run())


def test_a_slow_client_loses_previews_and_no_text():
    async def act(listener, channel):
        for number in range(5):
            listener.say(text(str(number)))
            listener.show("job", "1", bytes([number]))
            await asyncio.sleep(0)
        channel.reads.set()
        await asyncio.sleep(0.01)
        assert channel.sent == [b"0", b"1", b"2", b"3", b"4", struct.pack(">II", 1, 1) + b"\4"]
        assert not channel.dropped

    play(act)


def test_of_statuses_that_wait_only_the_newest_is_sent_and_each_before_what_was_said_after_it():
    async def act(listener, channel):
        listener.say(text("first"))
        await asyncio.sleep(0)  # it is on its way now
        for status in "abc":
            listener.say_newest(text(status))
        listener.say(text("then"))
        listener.say_newest(text("d"))
        channel.reads.set()
        await asyncio.sleep(0.01)
        listener.say_newest(text("e"))
        await asyncio.sleep(0.01)
        assert channel.sent == [b"first", b"c", b"then", b"d", b"e"]

    play(act)


def test_what_is_given_comes_in_its_turn_between_texts():
    async def act(listener, channel):
        channel.reads.set()
        listener.say(text("before"))
        listener.give(lambda: b"picture")
        listener.say(text("after"))
        await asyncio.sleep(0.1)
        assert channel.sent == [b"before", b"picture", b"after"]

    play(act)


def test_a_client_that_reads_nothing_is_cut_off():
    async def act(listener, channel):
        for _ in range(17):
            assert not channel.dropped
            listener.say(text("x" * (MOST // 17)))
            await asyncio.sleep(0)
        listener.say(text("x" * MOST))
        assert channel.dropped

    play(act)
