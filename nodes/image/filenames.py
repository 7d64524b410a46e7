"""Placeholders in the names of files to save."""

import re
from datetime import datetime

# letters of %date:...% -> strftime; the longest first, as "MM" is not two "M"
DATE_PARTS = {"yyyy": "%Y", "yy": "%y", "MM": "%m", "dd": "%d", "hh": "%H", "mm": "%M", "ss": "%S"}
SHORT_PARTS = {"M": "month", "d": "day", "h": "hour", "m": "minute", "s": "second"}


def fill(prefix: str, now: datetime, width: int, height: int, number: int = 0) -> str:
    """Replace the placeholders of a prefix.

    Known are %year%, %month%, %day%, %hour%, %minute%, %second%, %width%, %height%, %batch_num% and
    %date:yyyy-MM-dd hh:mm:ss% (any of these parts; ``M`` is a month without zero). Others stay as they are.
    """
    values = {
        "year": f"{now.year}", "month": f"{now.month:02}", "day": f"{now.day:02}", "hour": f"{now.hour:02}",
        "minute": f"{now.minute:02}", "second": f"{now.second:02}", "width": f"{width}", "height": f"{height}",
        "batch_num": f"{number}",
    }  # fmt: skip
    prefix = re.sub(r"%date:([^%]*)%", lambda match: _date(match[1], now), prefix)
    return re.sub(r"%(\w+)%", lambda match: values.get(match[1], match[0]), prefix)


def _date(pattern: str, now: datetime) -> str:
    def part(match: re.Match[str]) -> str:
        letters = match[0]
        return now.strftime(DATE_PARTS[letters]) if letters in DATE_PARTS else str(getattr(now, SHORT_PARTS[letters]))

    return re.sub("|".join((*DATE_PARTS, *SHORT_PARTS)), part, pattern).replace(":", "-")
