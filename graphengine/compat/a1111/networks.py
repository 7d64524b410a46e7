"""Networks that a prompt names in tags: ``<lora:name:strength>``."""

import re

from graphengine.compat.a1111.infotext import number_of
from graphengine.compat.a1111.making import Making

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
        name, *arguments = tag["arguments"].split(":")
        if tag["kind"] not in ("lora", "lyco"):
            making.lost.append(f"{tag[0]}: such networks")
            return ""
        named = dict(argument.split("=", 1) for argument in arguments if "=" in argument)
        plain = [argument for argument in arguments if "=" not in argument]
        te = named.get("te") or (plain[0] if plain else "1")
        unet = named.get("unet") or (plain[1] if len(plain) > 1 else te)
        found.append((name, number_of(tag[0], te, float), number_of(tag[0], unet, float)))
        return ""

    prompt = NETWORK.sub(take, making.told.prompt).strip()
    for pattern, name in UNREAD.items():
        if re.search(pattern, prompt[:100_000]):
            making.lost.append(f"{name}: taken as plain text")
    return prompt, found
