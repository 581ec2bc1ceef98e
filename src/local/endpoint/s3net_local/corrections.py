"""The register of corrections: which facts about AWS this package mends, and where.

Two forms exist.

`corrects(service, action, ..., fact=...)` marks a function `(call, moto)` that stands
in front of moto's handler of an action. `call` is moto's response object of this one
request: `call._get_param("VpcId")` reads a parameter, `call.ec2_backend` is the data of
this account and region. `moto()` goes on to the next correction and at last to moto
itself. The function returns what moto's handlers return, an `ActionResult`.

`replaces(owner, name, fact=...)` puts a function in the place of a method or property
of one of moto's model classes, where the error sits deeper than one action.

Both keep the stated fact, so that the register can be listed (`GET /_s3net/corrections`).
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from moto.core.utils import camelcase_to_underscores

Handler = Callable[[Any, Callable[[], Any]], Any]


@dataclass(frozen=True)
class Correction:
    """One fact about AWS that moto gets wrong, and the function that mends it."""

    service: str
    place: str
    fact: str
    source: str


REGISTER: list[Correction] = []
_HANDLERS: dict[str, dict[str, list[Handler]]] = defaultdict(lambda: defaultdict(list))


def corrects(service: str, *actions: str, fact: str, source: str = "") -> Callable[[Handler], Handler]:
    """Marks a function that stands in front of moto's handler of these actions."""

    def mark(handler: Handler) -> Handler:
        for action in actions:
            REGISTER.append(Correction(service, action, fact, source))
            _HANDLERS[service][action].append(handler)
        return handler

    return mark


def replaces(owner: type, name: str, *, fact: str, source: str = "") -> Callable[[Any], Any]:
    """Puts a function or property in the place of `owner.name`."""

    def mark(member: Any) -> Any:
        service = owner.__module__.split(".")[1]
        REGISTER.append(Correction(service, f"{owner.__name__}.{name}", fact, source))
        setattr(owner, name, member)
        return member

    return mark


def _chain(handlers: list[Handler], call: Any, moto: Callable[[], Any]) -> Any:
    step = moto
    for handler in handlers:
        step = functools.partial(handler, call, step)
    return step()


def install(
    service: str, response_class: type, every: Callable[[str, Any, Callable[[], Any]], Any] | None, actions: list[str]
) -> None:
    """Puts the corrections of a service in front of moto's handlers.

    `every(action, call, inner)`, if given, stands in front of all actions of the
    service. `actions` are the names of all actions that AWS knows.
    """
    for action in actions:
        name = camelcase_to_underscores(action)
        handlers = _HANDLERS[service].get(action, [])
        moto = getattr(response_class, name, None)
        if moto is None and not handlers:
            continue
        if not handlers and every is None:
            continue
        setattr(response_class, name, _method(action, name, moto, handlers, every))


def _method(action: str, name: str, moto: Any, handlers: list[Handler], every: Any) -> Callable[[Any], Any]:
    def handle(call: Any) -> Any:
        def go_on() -> Any:
            if moto is None:
                raise NotImplementedError(action)
            return moto(call)

        def inner() -> Any:
            return _chain(handlers, call, go_on)

        return every(action, call, inner) if every else inner()

    handle.__name__ = name
    return handle
