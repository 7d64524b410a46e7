"""Ends of jobs that are still to be told to a webhook: each function is part of one transaction.

A trigger puts a row here in the transaction that ends a job, however it ends, so nothing is forgotten by a crash.
"""

from sqlite3 import Connection

import msgspec


class Delivery(msgspec.Struct, frozen=True):
    """One that is due.

    Attributes:
        number: Of the job.
        job: Its id.
        created: When it was accepted; Unix seconds.
        url: Where to tell it.
        tries: How often that was tried.
    """

    number: int
    job: str
    created: float
    url: str
    tries: int


def due(connection: Connection, now: float, limit: int) -> list[Delivery]:
    """Those that are due, the longest first."""
    query = (
        "SELECT job, id, created, url, tries FROM deliveries JOIN jobs ON number = job"
        " WHERE due <= ? ORDER BY due, job LIMIT ?"
    )
    return [Delivery(*row) for row in connection.execute(query, (now, limit))]


def next_due(connection: Connection) -> float | None:
    """When the next one is, if there is one."""
    found = connection.execute("SELECT min(due) FROM deliveries").fetchone()[0]
    return None if found is None else float(found)


def done(connection: Connection, number: int) -> None:
    """It was told, or never will be."""
    connection.execute("DELETE FROM deliveries WHERE job = ?", (number,))


def later(connection: Connection, number: int, due: float) -> None:
    """It was tried in vain, and is due again."""
    connection.execute("UPDATE deliveries SET tries = tries + 1, due = ? WHERE job = ?", (due, number))


def drop_beyond(connection: Connection, most: int) -> int:
    """Give up the oldest beyond a number; how many those were."""
    query = "DELETE FROM deliveries WHERE job <= (SELECT job FROM deliveries ORDER BY job DESC LIMIT 1 OFFSET ?)"
    return connection.execute(query, (most,)).rowcount
