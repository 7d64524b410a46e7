"""Parameters of a query as a struct: what is not one of its fields, or does not fit, is refused."""

from typing import Annotated, TypeVar, get_origin

import msgspec
from aiohttp import web

from graphengine.server.answers import Refusal
from graphengine.server.tokens import QUERY

S = TypeVar("S", bound=msgspec.Struct)
Number = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]  # what the store counts by
Limit = Annotated[int, msgspec.Meta(ge=1, le=1000)]


class Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The parameters of a route, all with defaults; a tuple is a parameter that may come several times."""


class Page(Query, frozen=True):
    """A part of a long list: the newest first; from ``after`` on, the oldest first."""

    limit: Limit = 50
    before: Number | None = None
    after: Number | None = None


def read_query(request: web.Request, type: type[S]) -> S:
    """The parameters of a request; the token is none of them.

    Raises:
        Refusal: One is unknown or does not fit; the message says which.
    """
    given = request.query
    several = {field.name for field in msgspec.structs.fields(type) if get_origin(field.type) is tuple}
    data = {name: given.getall(name) if name in several else given[name] for name in given if name != QUERY}
    try:
        return msgspec.convert(data, type, strict=False)
    except msgspec.ValidationError as error:
        raise Refusal(
            400, "bad_query", f"The query does not fit: {error}.", "The description of this route helps."
        ) from None
