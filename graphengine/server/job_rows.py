"""Jobs in the store: each function is part of one transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from sqlite3 import Connection
from typing import Any

import msgspec

from graphengine.graph.characters import whole
from graphengine.server import contents
from graphengine.server.encoding import to_json
from graphengine.server.errors import Conflict, NotFound
from graphengine.server.job import FINISHED, TRANSITIONS, Job, JobState, Result, Submission, Transition

COLUMNS = """
    number, id, state, created, started, ended, targets, priority, client, extra, key, retry_of, reason, outcome, title,
    webhook, labels
"""
DOCUMENT = "(SELECT data FROM contents WHERE contents.id = content)"
TIMES = {JobState.QUEUED: "started = NULL", JobState.RUNNING: "started = :now"} | dict.fromkeys(
    FINISHED, "ended = :now"
)

Produced = Mapping[str, Mapping[str, Sequence[Any]]]  # node -> kind -> items


def insert(connection: Connection, wanted: Submission, id: str, rank: int, now: float) -> tuple[Job, bool]:
    """The job of a submission, and whether it is new.

    Raises:
        Conflict: The key was used for something else, or the id is taken.
    """
    if wanted.key is not None and (found := _by_key(connection, wanted, wanted.key)):
        return found, False
    if connection.execute("SELECT 1 FROM jobs WHERE id = ?", (id,)).fetchone():
        raise Conflict(f"There is a job with the id '{id}' already.", "Leave the id out, or use a new one.")
    added = connection.execute(
        "INSERT INTO jobs (id, state, created, content, targets, priority, rank, client, extra, key, retry_of, title,"
        " webhook, labels) VALUES (?, 'queued', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            id,
            now,
            contents.put(connection, wanted.document),
            None if wanted.targets is None else _json(wanted.targets),
            wanted.priority,
            rank,
            whole(wanted.client),
            _json(wanted.extra),
            wanted.key,
            wanted.retry_of,
            whole(wanted.title),
            wanted.webhook,
            _json(wanted.labels),
        ),
    )
    number = int(added.lastrowid or 0)
    _note(connection, number, JobState.QUEUED, now, "")
    fields = msgspec.structs.asdict(wanted) | {"id": id}
    return Job(number=number, state=JobState.QUEUED, created=now, **fields), True


def _by_key(connection: Connection, wanted: Submission, key: str) -> Job | None:
    found = _one(connection, "key = ?", key)
    if found is not None and (found.document != wanted.document or found.targets != wanted.targets):
        raise Conflict(
            f"The idempotency key '{key}' was used for job '{found.id}', which has another document or other targets.",
            "Use a new key for a new job.",
        )
    return found


def find(connection: Connection, id: str) -> Job:
    """A job by id.

    Raises:
        NotFound: There is none.
    """
    found = _one(connection, "id = ?", id)
    if found is None:
        raise _missing(id)
    return found


def _one(connection: Connection, condition: str, value: object) -> Job | None:
    query = f"SELECT {COLUMNS}, {DOCUMENT} FROM jobs WHERE {condition}"
    row = connection.execute(query, (value,)).fetchone()
    return None if row is None else from_row(row)


def _missing(id: str) -> NotFound:
    return NotFound(f"There is no job '{id}'.", "It may have been deleted; list the jobs that there are.")


def change(connection: Connection, id: str, state: JobState, now: float, reason: str = "") -> int:
    """Bring a job into another state; its number.

    Raises:
        NotFound: There is no such job.
        Conflict: The state cannot follow the one that it is in.
    """
    row = connection.execute("SELECT number, state FROM jobs WHERE id = ?", (id,)).fetchone()
    if row is None:
        raise _missing(id)
    number, before, reason = int(row[0]), JobState(row[1]), whole(reason)
    if state not in TRANSITIONS[before]:
        after = " or ".join(sorted(TRANSITIONS[before])) or "nothing, since it is finished"
        raise Conflict(f"Job '{id}' is {before} and cannot become {state}; it can become {after}.")
    connection.execute(
        f"UPDATE jobs SET state = :state, reason = :reason, {TIMES[state]} WHERE number = :number",
        {"state": state.value, "reason": reason, "now": now, "number": number},
    )
    _note(connection, number, state, now, reason)
    return number


def _note(connection: Connection, number: int, state: JobState, now: float, reason: str) -> None:
    connection.execute("INSERT INTO transitions VALUES (?, ?, ?, ?)", (number, state.value, now, reason))


def transitions(connection: Connection, id: str) -> list[Transition]:
    """The states that a job has been in, in order."""
    rows = connection.execute(
        "SELECT t.state, t.time, t.reason FROM jobs JOIN transitions t ON t.job = number WHERE id = ? ORDER BY t.rowid",
        (id,),
    )
    return [Transition(JobState(state), time, reason) for state, time, reason in rows]


def retitle(connection: Connection, old: str, new: str) -> None:
    """Have the jobs of a title go by another one."""
    connection.execute("UPDATE jobs SET title = ? WHERE title = ?", (new, old))


def keep_outcome(connection: Connection, number: int, outcome: Mapping[str, Any], produced: Produced) -> None:
    """Keep what a run reported and produced."""
    connection.execute("UPDATE jobs SET outcome = ? WHERE number = ?", (_json(outcome), number))
    connection.executemany(
        "INSERT INTO results (job, node, kind, position, item) VALUES (?, ?, ?, ?, ?)",
        [
            (number, whole(node), whole(kind), position, _json(item))
            for node, kinds in produced.items()
            for kind, items in kinds.items()
            for position, item in enumerate(items)
        ],
    )


def in_states(connection: Connection, states: Iterable[JobState]) -> list[str]:
    """The ids of all jobs in some states, in the order they came."""
    query = "SELECT id FROM jobs WHERE state = ? ORDER BY number"
    return [id for state in states for (id,) in connection.execute(query, (state.value,))]


def among(connection: Connection, ids: Iterable[str], states: Iterable[JobState]) -> list[str]:
    """Those of some jobs that are in some states."""
    wanted = set(states)
    query = "SELECT state FROM jobs WHERE id = ?"
    return [
        id for id in dict.fromkeys(ids) if (row := connection.execute(query, (id,)).fetchone()) and row[0] in wanted
    ]


def delete(connection: Connection, ids: Sequence[str]) -> None:
    """Remove jobs with all that belongs to them."""
    query = "DELETE FROM jobs WHERE id = ? RETURNING content"
    contents.drop_unused(connection, [row[0] for id in ids for row in connection.execute(query, (id,)).fetchall()])


def page(
    connection: Connection,
    state: JobState | None,
    limit: int,
    before: int | None,
    after: int | None,
    documents: bool,
    label: str | None = None,
    title: str | None = None,
) -> list[Job]:
    """Jobs by number: falling, or rising from ``after``."""
    source, number = ("jobs", "number") if label is None else ("job_labels CROSS JOIN jobs ON number = job", "job")
    condition, order, values = cursor(number, before, after)
    if state is not None:
        column = "state" if title is None else "+state"  # then the index of titles is the one to use
        condition, values = f"{condition} AND {column} = ?", [*values, state.value]
    if title is not None:
        condition, values = f"{condition} AND title = ?", [*values, title]
    if label is not None:
        condition, values = f"{condition} AND name = ?", [*values, label]
    query = f"SELECT {COLUMNS}, {DOCUMENT if documents else 'NULL'} FROM {source} WHERE {condition} {order} LIMIT ?"
    return [from_row(row) for row in connection.execute(query, [*values, limit])]


def ran(connection: Connection, newest: int | None, skip: int) -> list[str]:
    """Ids of jobs that ran and have ended, those that ended first at the beginning."""
    order = "ASC" if skip else "DESC"
    query = (
        "SELECT id FROM jobs WHERE ended IS NOT NULL AND started IS NOT NULL"
        f" ORDER BY ended {order}, number {order} LIMIT ? OFFSET ?"
    )
    found = [id for (id,) in connection.execute(query, (-1 if newest is None else newest, skip))]
    return found if skip else found[::-1]


def place(connection: Connection, id: str) -> float:
    """A job's number; if one that came later ended earlier, a number between that one's and the next."""
    row = connection.execute("SELECT number, ended FROM jobs WHERE id = ?", (id,)).fetchone()
    if row is None:
        raise _missing(id)
    number, ended = row
    query = "SELECT number, ended FROM jobs WHERE number > ? AND ended < ? ORDER BY number DESC LIMIT 1"
    passed = connection.execute(query, (number, ended)).fetchone()
    if passed is None:
        return int(number)
    seconds = ended - passed[1]
    return float(passed[0] + seconds / (1 + seconds))  # rises with the time it ended, and stays below the next number


def results(
    connection: Connection, job: str | None, limit: int, before: int | None, after: int | None
) -> Iterator[Result]:
    """Results by number: falling, or rising from ``after``."""
    condition, order, values = cursor("r.number", before, after)
    if job is not None:
        condition, values = f"{condition} AND r.job = (SELECT number FROM jobs WHERE id = ?)", [*values, job]
    query = (
        "SELECT r.number, jobs.id, node, kind, position, item, title, jobs.number, ended"
        " FROM results r JOIN jobs ON jobs.number = r.job"
        f" WHERE {condition} {order} LIMIT ?"
    )
    for number, id, node, kind, position, item, *job in connection.execute(query, [*values, limit]):
        yield Result(number, id, node, kind, position, msgspec.json.decode(item), *job)


def cursor(column: str, before: int | None, after: int | None) -> tuple[str, str, list[object]]:
    """SQL condition, order and values of a page."""
    limits = [(f"{column} < ?", before), (f"{column} > ?", after)]
    used = [(condition, value) for condition, value in limits if value is not None]
    conditions = " AND ".join(["1", *(condition for condition, _ in used)])
    return conditions, f"ORDER BY {column} {'DESC' if after is None else 'ASC'}", [value for _, value in used]


def from_row(row: Sequence[Any]) -> Job:
    """A job from ``COLUMNS`` and its document."""
    number, id, state, created, started, ended, targets, priority, client, extra, *rest = row
    key, retry_of, reason, outcome, title, webhook, labels, document = rest
    return Job(
        document=document or b"",
        id=id,
        targets=None if targets is None else msgspec.json.decode(targets),
        priority=priority,
        client=client,
        extra=msgspec.json.decode(extra),
        key=key,
        retry_of=retry_of,
        title=title,
        webhook=webhook,
        labels=msgspec.json.decode(labels),
        number=number,
        state=JobState(state),
        created=created,
        started=started,
        ended=ended,
        reason=reason,
        outcome=msgspec.json.decode(outcome),
    )


def _json(data: Any) -> str:
    return to_json(data).decode()
