"""Results: what jobs showed people, found again after a restart."""

from aiohttp import web

from graphengine.server.answers import json_answer
from graphengine.server.keys import SERVICE
from graphengine.server.query import Page, read_query
from graphengine.server.routes import API, Route
from graphengine.server.views import ResultList, result_view


class Results(Page, frozen=True):
    """Which results: of a job, or of all."""

    job: str | None = None


async def results(request: web.Request) -> web.Response:
    """A page of results."""
    asked = read_query(request, Results)
    jobs = request.app[SERVICE].jobs
    found = await jobs.results(asked.job, limit=asked.limit, before=asked.before, after=asked.after)
    return json_answer(ResultList([result_view(result) for result in found]))


ROUTES = (
    Route("GET", f"{API}/results", results, "What jobs showed, the newest first.", query=Results, answer=ResultList),
)
