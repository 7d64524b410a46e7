"""Long lists of jobs that show little of each: each function is part of one transaction.

What decides which jobs a part of a list holds is read from their rows, in the order of the index of states, never from
their documents. No index of their own makes each change of a job dearer for a page that lists them now and then. A job
that was cancelled before it ran is in no list.
"""

from collections.abc import Collection
from sqlite3 import Connection
from typing import Any

import msgspec

from graphengine.server.job import JobState

# what people can look at or listen to: results of these kinds, of these formats, and files of these endings
KINDS = ("images", "video", "audio", "3d")
FORMATS = ("video/*", "audio/*")
ENDINGS = (".glb", ".gltf", ".obj", ".fbx")

LISTED = "(started IS NOT NULL OR state = 'queued')"
WORKFLOW = """
    CASE WHEN json_valid(extra) AND json_type(extra, '$.embed.workflow.id') = 'text'
        THEN json_extract(extra, '$.embed.workflow.id') END
"""  # what is nested too deep for SQLite is not valid
_THING = "job = jobs.number AND kind <> 'animated' AND item LIKE '{%' AND json_valid(item)"
_SEEN = " OR ".join([
    f"kind IN ({', '.join(repr(kind) for kind in KINDS)})",
    *(f"json_extract(item, '$.format') GLOB '{pattern}'" for pattern in FORMATS),
    *(f"json_extract(item, '$.filename') LIKE '%{ending}'" for ending in ENDINGS),
])  # fmt: skip
_COLUMNS = f"""
    id, number, state, created, started, ended, {WORKFLOW},
    CASE WHEN json_valid(extra) AND json_type(extra, '$.number') IN ('integer', 'real')
        THEN json_extract(extra, '$.number') END,
    (SELECT count(*) FROM results WHERE {_THING}),
    (SELECT json_array(node, kind, json(item)) FROM results WHERE {_THING} AND ({_SEEN})
        ORDER BY json_extract(item, '$.type') IS NOT 'output', number LIMIT 1)
"""


class Listed(msgspec.Struct, frozen=True, array_like=True):
    """A job in a list.

    Attributes:
        id, number, state, created, started, ended: As of ``Job``.
        workflow: Id of the page's workflow that its files carry, if that has one.
        chosen: The number that its client chose for it.
        things: How many of its results are files or other objects; texts and numbers are none.
        preview: Node, kind and item of the result to show people first: the first that was saved, else the first.
    """

    id: str
    number: int
    state: JobState
    created: float
    started: float | None
    ended: float | None
    workflow: str | None
    chosen: float | None
    things: int
    preview: tuple[str, str, dict[str, Any]] | None


class Wanted(msgspec.Struct, frozen=True):
    """Which part of which list.

    Attributes:
        states: Only jobs in one of them.
        workflow: Only those of a page's workflow, by its id.
        by_seconds: In the order of how long they ran, not in that in which they came.
        rising: The first or the shortest first.
        skip: Leave out so many.
        limit: How many at most.
    """

    states: Collection[JobState]
    workflow: str | None = None
    by_seconds: bool = False
    rising: bool = False
    skip: int = 0
    limit: int = 50


def listed(connection: Connection, wanted: Wanted) -> tuple[list[Listed], int]:
    """A part of a list, and how many jobs the whole of it has."""
    condition = LISTED if wanted.workflow is None else f"{LISTED} AND {WORKFLOW} = :workflow"
    found = " UNION ALL ".join(  # each state has its part of the index; together they would be sorted whole
        "SELECT number, coalesce(ended - started, 0) AS seconds FROM jobs INDEXED BY jobs_state"
        f" WHERE state = '{JobState(state)}' AND {condition}"
        for state in set(wanted.states)
    )
    if not found:
        return [], 0
    direction = "ASC" if wanted.rising else "DESC"
    order = f"seconds {direction}, number" if wanted.by_seconds else f"number {direction}"
    values = {"workflow": wanted.workflow, "limit": wanted.limit, "skip": wanted.skip}
    (total,) = connection.execute(f"SELECT count(*) FROM ({found})", values).fetchone()
    numbers = connection.execute(f"{found} ORDER BY {order} LIMIT :limit OFFSET :skip", values).fetchall()
    query = f"SELECT {_COLUMNS} FROM jobs WHERE number = ?"
    return [_from_row(connection.execute(query, (number,)).fetchone()) for number, _ in numbers], total


def find(connection: Connection, id: str) -> Listed | None:
    """A job by its id, if a list would have it."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM jobs WHERE id = ? AND {LISTED}", (id,)).fetchone()
    return None if row is None else _from_row(row)


def _from_row(row: tuple[Any, ...]) -> Listed:
    *plain, preview = row
    return msgspec.convert([*plain, None if preview is None else msgspec.json.decode(preview)], Listed)
