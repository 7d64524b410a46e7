"""Where handlers find what the application holds: one typed key for each."""

from aiohttp import web

from graphengine.files import Files
from graphengine.server.config import Serving
from graphengine.server.pictures import Pictures
from graphengine.server.service import Service
from graphengine.server.thumbnails import Thumbnails
from graphengine.settings import Settings

SERVING = web.AppKey("SERVING", Serving)
SERVICE = web.AppKey("SERVICE", Service)
SETTINGS = web.AppKey("SETTINGS", Settings)
FILES = web.AppKey("FILES", Files)
PICTURES = web.AppKey("PICTURES", Pictures)
THUMBNAILS = web.AppKey("THUMBNAILS", Thumbnails)
