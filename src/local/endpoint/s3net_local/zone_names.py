"""DNS names as Route 53 keeps and shows them.

AWS: names are lower case and end in a dot; every character other than a-z, 0-9, `-`, `_`
and `.` is shown as a backslash and three octal digits, so `*` is `\\052` (Route 53 developer
guide, "DNS domain name format"). Lists are in the order of the labels from the right.

moto: shows names as they were written.
"""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\\[0-7]{3}")


def shown(name: str) -> str:
    """A name as Route 53 shows it."""
    parts: list[str] = []
    place = 0
    text = name.lower()
    while place < len(text):
        if _ESCAPE.match(text, place):
            parts.append(text[place : place + 4])
            place += 4
            continue
        character = text[place]
        if re.match(r"[a-z0-9\-_.]", character):
            parts.append(character)
        else:
            parts.extend(f"\\{byte:03o}" for byte in character.encode())
        place += 1
    whole = "".join(parts)
    return whole if whole.endswith(".") else whole + "."


def order(name: str) -> list[str]:
    """The key by which Route 53 orders names."""
    return list(reversed(name.rstrip(".").split(".")))


def lies_in(name: str, zone: str) -> bool:
    """Whether a shown name is in a shown zone."""
    return name == zone or name.endswith("." + zone)
