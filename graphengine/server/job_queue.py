"""The order of the jobs that wait: by priority, then by rank. Each function is part of one transaction.

The table is the queue, through an index of the waiting rows alone, so taking the first costs the logarithm of their
number and there is no second copy to disagree with it. Ranks leave gaps, into which moved jobs go.
"""

from sqlite3 import Connection

from graphengine.server import job_rows
from graphengine.server.errors import Conflict, NotFound
from graphengine.server.job import Job, JobState

STEP = 2**20  # twenty moves into the same gap, before the ranks are spread anew
WAITING = "jobs INDEXED BY jobs_queue WHERE state = 'queued'"  # left to itself, SQLite sorts all that wait
FIRST = f"SELECT id FROM {WAITING} ORDER BY priority, rank LIMIT 1"


def take(connection: Connection, now: float) -> Job | None:
    """The job whose turn it is, now running; None when the queue is empty or paused."""
    first = None if paused(connection) else connection.execute(FIRST).fetchone()
    if first is None:
        return None
    job_rows.change(connection, first[0], JobState.RUNNING, now)
    return job_rows.find(connection, first[0])


def waiting(connection: Connection, limit: int) -> list[Job]:
    """The jobs that come next, in order, without their documents."""
    query = f"SELECT {job_rows.COLUMNS}, NULL FROM {WAITING} ORDER BY priority, rank LIMIT ?"
    return [job_rows.from_row(row) for row in connection.execute(query, (limit,))]


def top_rank(connection: Connection) -> int:
    """The highest rank among jobs that are not finished."""
    query = "SELECT max(rank) FROM jobs WHERE state IN ('queued', 'running')"
    return int(connection.execute(query).fetchone()[0] or 0)


def move_before(connection: Connection, id: str, other: str) -> None:
    """Let a waiting job come right before another one, whose priority it takes.

    Raises:
        NotFound: There is no such job.
        Conflict: One of them does not wait.
    """
    if id == other:
        return
    _place(connection, id)
    priority, rank = _place(connection, other)
    below = _below(connection, priority, rank)
    if below is not None and rank - below < 2:
        _spread(connection, priority)
        priority, rank = _place(connection, other)
        below = _below(connection, priority, rank)
    _put(connection, id, priority, rank - STEP if below is None else (below + rank) // 2)


def move_to_front(connection: Connection, id: str) -> None:
    """Let a waiting job come first. Raises as ``move_before``."""
    _place(connection, id)
    move_before(connection, id, connection.execute(FIRST).fetchone()[0])


def move_to_back(connection: Connection, id: str, rank: int) -> None:
    """Let a waiting job come last: ``rank`` is higher than all. Raises as ``move_before``."""
    _place(connection, id)
    (last,) = connection.execute(f"SELECT max(priority) FROM {WAITING}").fetchone()
    _put(connection, id, last, rank)


def pause(connection: Connection) -> None:
    """Let no job be taken until ``resume``."""
    connection.execute("INSERT OR REPLACE INTO facts VALUES ('paused', 'true')")


def resume(connection: Connection) -> None:
    """Let jobs be taken again."""
    connection.execute("DELETE FROM facts WHERE name = 'paused'")


def paused(connection: Connection) -> bool:
    """Whether no job is taken."""
    return connection.execute("SELECT 1 FROM facts WHERE name = 'paused'").fetchone() is not None


def _place(connection: Connection, id: str) -> tuple[float, int]:
    row = connection.execute("SELECT state, priority, rank FROM jobs WHERE id = ?", (id,)).fetchone()
    if row is None:
        raise NotFound(f"There is no job '{id}'.", "List the queue for those that wait.")
    if row[0] != JobState.QUEUED:
        raise Conflict(f"Job '{id}' is {row[0]}, so it has no place in the queue.", "Only queued jobs can be moved.")
    return row[1], row[2]


def _below(connection: Connection, priority: float, rank: int) -> int | None:
    query = f"SELECT max(rank) FROM {WAITING} AND priority = ? AND rank < ?"
    found = connection.execute(query, (priority, rank)).fetchone()[0]
    return None if found is None else int(found)


def _put(connection: Connection, id: str, priority: float, rank: int) -> None:
    connection.execute("UPDATE jobs SET priority = ?, rank = ? WHERE id = ?", (priority, rank, id))


def _spread(connection: Connection, priority: float) -> None:
    """Make the gaps of a priority wide again, downwards: ranks still to be given out are above."""
    query = f"SELECT number, rank FROM {WAITING} AND priority = ? ORDER BY rank DESC"
    rows = connection.execute(query, (priority,)).fetchall()
    places = [(rows[0][1] - place * STEP, number) for place, (number, _) in enumerate(rows)]
    connection.executemany("UPDATE jobs SET rank = ? WHERE number = ?", places)
