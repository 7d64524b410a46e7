"""Networks that a prompt names in tags: ``<lora:name:strength>``."""

import re

from graphengine.compat.a1111.infotext import number_or_none
from graphengine.compat.a1111.making import Making

LORAS = ("lora", "lyco")
STRENGTHS = ("te", "unet")  # in the order of those that are not named
NETWORK = re.compile(r"<(?P<kind>\w{1,40}):(?P<arguments>[^<>]{1,400})>")
UNREAD = {
    r"\[[^\[\]]*:[^\[\]]*\]": "prompt editing [a:b:n]",
    r"\[[^\[\]]*\|[^\[\]]*\]": "alternating words [a|b]",
    r"\bAND\b": "AND",
}


def without_networks(making: Making) -> tuple[str, list[tuple[str, float, float]]]:
    """The prompt without its tags, and the LoRAs that they name: strengths for the text encoder and the denoiser."""
    found: list[tuple[str, float, float]] = []

    def take(tag: re.Match[str]) -> str:
        arguments = tag["arguments"].split(":")
        plain = [argument for argument in arguments if argument.count("=") != 1]
        named = dict(argument.split("=") for argument in arguments if argument.count("=") == 1)
        name, *strengths = plain or [""]
        if tag["kind"] not in LORAS or not name:
            making.lost.append(f"{tag[0]}: {'it names no file' if tag['kind'] in LORAS else 'such networks'}")
            return ""
        own = dict(zip(STRENGTHS, strengths, strict=False)) | named
        te = _strength(own.get("te"), 1.0)
        found.append((name, te, _strength(own.get("unet"), te)))
        rest = [*strengths[len(STRENGTHS) :], *(value for key, value in own.items() if not _is_read(key, value))]
        if rest:
            making.lost.append(f"{tag[0]}: {', '.join(map(repr, rest))} in it is no strength")
        return ""

    prompt = NETWORK.sub(take, making.told.prompt).strip()
    for pattern, name in UNREAD.items():
        if re.search(pattern, prompt[:100_000]):
            making.lost.append(f"{name}: taken as plain text")
    return prompt, found


def _strength(written: str | None, default: float) -> float:
    number = number_or_none(written or "", float)
    return default if number is None else number


def _is_read(key: str, value: str) -> bool:
    return key in STRENGTHS and number_or_none(value, float) is not None
