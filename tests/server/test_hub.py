"""The hub: order, replay, lag, previews, and what fifty listeners cost."""

import asyncio
import json
import random
import time
from contextlib import suppress

from graphengine.server.hub import Hub, Message, Preview


def quick(**settings):
    return Hub(**{"pause": 0, "preview_pause": 0.02} | settings)


async def listen(subscription, heard, slow=lambda: 0):
    async for batch in subscription:
        heard += batch
        await asyncio.sleep(slow())


async def heard_until_closed(hub, *subscriptions, while_listening=None):
    """What each subscription hears until the hub is closed after ``while_listening()``."""
    heard = [[] for _ in subscriptions]
    tasks = [asyncio.create_task(listen(one, into)) for one, into in zip(subscriptions, heard, strict=True)]
    await asyncio.sleep(0)
    if while_listening:
        await while_listening()
    hub.close()
    await asyncio.wait_for(asyncio.gather(*tasks), 20)
    return heard


def kinds(messages):
    return [message.kind for message in messages]


def test_every_listener_hears_everything_in_order_at_its_own_pace():
    chance = random.Random(4)

    async def live():
        hub, heard = quick(), [[] for _ in range(10)]
        paces = [lambda: 0, lambda: chance.choice([0, 0, 0.002]), lambda: 0.005]
        tasks = [
            asyncio.create_task(listen(hub.subscribe(), into, paces[place % 3])) for place, into in enumerate(heard)
        ]
        await asyncio.sleep(0)
        numbers = []
        for number in range(2000):
            numbers.append(hub.publish("progress", {"done": number}, job=str(number % 3)))
            if chance.random() < 0.1:
                await asyncio.sleep(0)
        hub.close()
        await asyncio.gather(*tasks)
        return numbers, heard

    numbers, heard = asyncio.run(live())
    assert numbers == [*range(numbers[0], numbers[0] + 2000)]
    for messages in heard:
        assert [message.number for message in messages] == numbers
        assert [message.data["done"] for message in messages] == [*range(2000)]


def test_the_json_says_it_all_and_is_one_object_for_everybody():
    async def live():
        hub = quick()
        one, two = hub.subscribe(), hub.subscribe()
        number = hub.publish("finished", {"seconds": 1.5}, job="j", client="c")
        hub.publish("paused", None)
        return number, *(await heard_until_closed(hub, one, two))

    number, one, two = asyncio.run(live())
    assert one[0].json is two[0].json
    said = json.loads(one[0].json)
    assert abs(said.pop("time") - time.time()) < 60
    assert said == {"number": number, "kind": "finished", "job": "j", "data": {"seconds": 1.5}}
    assert (one[0].client, one[0].data) == ("c", {"seconds": 1.5})
    assert "job" not in json.loads(one[1].json)


def test_who_comes_back_reads_on_after_the_number_that_it_knows():
    async def live():
        hub = quick()
        numbers = [hub.publish(str(place), None) for place in range(5)]
        subscriptions = [hub.subscribe(after) for after in (numbers[1], numbers[4], numbers[0] - 1, None)]

        async def more():
            hub.publish("new", None)

        return await heard_until_closed(hub, *subscriptions, while_listening=more)

    middle, last, all_of_it, only_new = asyncio.run(live())
    assert kinds(middle) == ["2", "3", "4", "new"]
    assert kinds(last) == kinds(only_new) == ["new"]
    assert kinds(all_of_it) == ["0", "1", "2", "3", "4", "new"]


def test_who_is_too_far_behind_or_of_another_life_is_reset_once_and_goes_on():
    async def live():
        hub = quick(capacity=10)
        first = hub.publish("first", None)
        asleep = hub.subscribe()
        for place in range(40):
            hub.publish(str(place), None)
        newest = hub.newest
        subscriptions = [
            asleep,
            hub.subscribe(first),
            hub.subscribe(5),
            hub.subscribe(newest + 7),
            hub.subscribe(newest),
        ]

        async def more():
            hub.publish("new", None)
            await asyncio.sleep(0.01)

        return newest, await heard_until_closed(hub, *subscriptions, while_listening=more)

    newest, (*lost, up_to_date) = asyncio.run(live())
    for messages in lost:
        assert kinds(messages) == ["reset", "new"]
        assert (messages[0].number, json.loads(messages[0].json)["data"]) == (newest, {"after": newest})
        assert messages[1].number == newest + 1
    assert kinds(up_to_date) == ["new"]


def test_a_lag_within_the_capacity_is_never_a_reset():
    for published in range(95, 250):
        hub = quick(capacity=100)
        numbers = [hub.publish("x", None) for _ in range(published)]
        held = hub.since(numbers[-min(published, 100)])
        assert [message.number for message in held] == numbers[-100:]


def test_events_held_are_bounded_in_number_and_in_bytes():
    for settings, size, least, most in (({"capacity": 50}, 10, 50, 100), ({"max_bytes": 10_000}, 1000, 9, 20)):
        hub = quick(**settings)
        for _ in range(1000):
            hub.publish("x", "y" * size)
        held = hub.since(hub._first)
        assert least <= len(held) <= most
        assert hub._bytes == sum(len(message.json) for message in held)
    hub = quick(max_bytes=10)
    hub.publish("x", "larger than all that is held")
    assert len(hub.since(hub._first)) == 1


def test_numbers_go_on_rising_in_the_next_life():
    hub = Hub()
    last = [hub.publish("x", None) for _ in range(1000)][-1]
    time.sleep(0.002)
    assert Hub().publish("x", None) > last


def test_a_listener_hears_only_of_the_jobs_and_kinds_that_it_asked_for():
    async def live():
        hub = quick(preview_pause=0)
        asked = [{"jobs": ["a"]}, {"kinds": ["done"]}, {"jobs": ["b"], "kinds": ["done", "preview"]}]
        subscriptions = [hub.subscribe(**one) for one in asked]

        async def happen():
            for job in ("a", "b", None):
                hub.publish("started", None, job=job)
                if job:
                    hub.publish_preview(job, "1", b"", "image/png")
                await asyncio.sleep(0.002)
                hub.publish("done", None, job=job)

        return await heard_until_closed(hub, *subscriptions, while_listening=happen)

    of_a, done, of_b = asyncio.run(live())
    assert [(type(one), one.job) for one in of_a] == [(Message, "a"), (Preview, "a"), (Message, "a")]
    assert [(one.kind, one.job) for one in done] == [("done", "a"), ("done", "b"), ("done", None)]
    assert [(type(one), one.job) for one in of_b] == [(Preview, "b"), (Message, "b")]


def test_only_the_newest_preview_of_a_job_is_sent_and_not_too_often():
    async def live():
        hub = quick(preview_pause=0.05)
        heard, times, subscription = [], [], hub.subscribe()

        async def watch():
            async for batch in subscription:
                heard.extend(batch)
                times.extend(asyncio.get_running_loop().time() for one in batch if type(one) is Preview)

        watching = asyncio.create_task(watch())
        for number in range(150):
            hub.publish_preview("a", "1", b"%d" % number, "image/png")
            hub.publish("progress", number)
            await asyncio.sleep(0.002)
        await asyncio.sleep(0.1)
        last = heard[-1]  # it comes, though nothing happened after it
        hub.close()
        await watching
        return heard, times, last

    heard, times, last = asyncio.run(live())
    shown = [int(one.data) for one in heard if type(one) is Preview]
    assert [one.data for one in heard if type(one) is Message] == [*range(150)]
    assert 4 <= len(shown) <= (times[-1] - times[0]) / 0.05 + 1.01
    assert shown == sorted(shown)
    assert last.data == b"149"


def test_previews_of_two_jobs_share_the_rate_of_a_listener():
    async def live():
        hub = quick(preview_pause=0.05)
        began, shown = asyncio.get_running_loop().time(), []

        async def happen():
            while asyncio.get_running_loop().time() < began + 0.5:
                for job in "ab":
                    hub.publish_preview(job, "1", b"", "image/png")
                await asyncio.sleep(0.002)

        (shown,) = await heard_until_closed(hub, hub.subscribe(), while_listening=happen)
        return shown, asyncio.get_running_loop().time() - began

    shown, seconds = asyncio.run(live())
    assert 4 <= len(shown) <= seconds / 0.05 + 2
    assert {preview.job for preview in shown} == {"a", "b"}


def test_no_preview_of_a_job_comes_after_its_end():
    async def live():
        hub = quick(preview_pause=0.01)

        async def happen():
            for number in range(50):
                job = str(number)
                hub.publish_preview(job, "1", b"1", "image/png")
                await asyncio.sleep(0)
                hub.publish_preview(job, "1", b"2", "image/png")
                hub.clear_preview(job)
                hub.publish("ended", None, job=job)
                await asyncio.sleep(0.001)

        return await heard_until_closed(hub, hub.subscribe(), while_listening=happen)

    (heard,) = asyncio.run(live())
    ended = set()
    for one in heard:
        if type(one) is Preview:
            assert one.job not in ended
        else:
            ended.add(one.job)
    assert len(ended) == 50


def test_many_events_make_few_batches_and_a_single_one_is_heard_at_once():
    async def live():
        hub, batches = Hub(pause=0.02), []

        async def watch():
            async for batch in hub.subscribe():
                batches.append((asyncio.get_running_loop().time(), batch))

        watching = asyncio.create_task(watch())
        await asyncio.sleep(0)
        began = asyncio.get_running_loop().time()
        for number in range(200):
            hub.publish("x", number)
            await asyncio.sleep(0.0005)
        seconds = asyncio.get_running_loop().time() - began
        hub.close()
        await watching
        return batches, began, seconds

    batches, began, seconds = asyncio.run(live())
    assert [message.data for _, batch in batches for message in batch] == [*range(200)]
    assert len(batches) <= seconds / 0.02 + 3
    assert (len(batches[0][1]), batches[0][0] - began < 0.015) == (1, True)


def test_one_that_reads_for_many_slows_the_moments_as_many_would():
    async def live():
        hub = Hub(pause=0.02)
        many = hub.subscribe(listeners=lambda: 40)
        slow = hub.pause
        del many
        one = hub.subscribe(listeners=lambda: 0)  # it reads for nobody now
        return slow, hub.pause, one

    assert asyncio.run(live())[:2] == (0.2, 0.02)


def test_a_cancelled_iteration_loses_nothing():
    async def live():
        hub, heard = Hub(pause=0.001), []
        subscription = hub.subscribe()
        for number in range(300):
            reading = asyncio.create_task(anext(subscription))
            await asyncio.sleep(0.001 if number % 2 else 0)
            hub.publish("x", number)
            if number % 3:
                reading.cancel()  # it may have been woken already
            with suppress(asyncio.CancelledError):
                heard += await reading
        hub.close()
        await listen(subscription, heard)
        return [message.data for message in heard]

    assert asyncio.run(live()) == [*range(300)]


def test_fifty_listeners_cost_a_small_multiple_of_one():
    def cost(listeners):
        async def live():
            hub, count = Hub(), [0] * listeners

            async def watch(place):
                async for batch in hub.subscribe():
                    count[place] += len(batch)

            tasks = [asyncio.create_task(watch(place)) for place in range(listeners)]
            await asyncio.sleep(0)
            for number in range(5000):
                hub.publish("progress", {"done": number, "total": 5000}, job="j")
                if number % 5 == 0:
                    await asyncio.sleep(0)
            hub.close()
            await asyncio.gather(*tasks)
            assert count == [5000] * listeners

        began = time.process_time()
        asyncio.run(live())
        return time.process_time() - began

    cost(1)
    one = min(cost(1) for _ in range(3))
    assert min(cost(50) for _ in range(3)) < 5 * one
