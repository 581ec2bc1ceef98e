"""Puts moto, the corrections and the front door together behind a threaded server."""

# ruff: noqa: E402

from __future__ import annotations

import socket
import struct
from http.client import responses
from typing import Any

from . import environment

environment.clean()  # before moto is imported

from moto.core.utils import get_service_model
from moto.ec2.responses import EC2Response
from moto.iam.responses import IamResponse
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.route53.responses import Route53
from moto.servicequotas.responses import ServiceQuotasResponse
from moto.sts.responses import TokenResponse
from werkzeug.serving import BaseWSGIServer, make_server

# each of these states its corrections when it is imported
from . import (  # noqa: F401
    availability_zones,
    bucket_defaults,
    callers,
    corrections,
    ec2_calls,
    elastic_ips,
    endpoint_changes,
    iam_calls,
    images,
    instance_changes,
    instances,
    network_acls,
    networks,
    policies,
    prefix_lists,
    private_zones,
    quotas,
    route53_calls,
    route_tables,
    security_group_changes,
    security_groups,
    speed,
    zone_records,
)
from .front_door import Dropped, FrontDoor, Truncated


def install() -> None:
    """Puts all corrections in front of moto."""
    for service, responses, every in (
        ("ec2", EC2Response, ec2_calls.every),
        ("route53", Route53, route53_calls.every),
        ("iam", IamResponse, iam_calls.every),
        ("sts", TokenResponse, None),
        ("servicequotas", ServiceQuotasResponse, None),
    ):
        model = get_service_model({"servicequotas": "service-quotas"}.get(service, service))
        corrections.install(service, responses, every, list(model.operation_names))
    speed.install()


class Handler(MotoRequestHandler):
    """Writes an answer in one piece and no log."""

    # an answer in two packets waits for the client's delayed acknowledgement
    disable_nagle_algorithm = True
    wbufsize = -1

    def log(self, type: str, message: str, *args: Any) -> None:
        """Says nothing: the calls are in the log of calls."""

    def run_wsgi(self) -> None:
        """Serves one request and keeps the connection, which werkzeug would close after each.

        That is safe here because the front door reads every request to its end.
        """
        if self.headers.get("Expect", "").strip().lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        said: dict[str, Any] = {}

        def start_response(status: str, headers: list[tuple[str, str]], _info: Any = None) -> Any:
            said["status"], said["headers"] = status, headers

        try:
            payload = b"".join(self.server.app(self.make_environ(), start_response))
        except Dropped as dropped:
            self.close_connection = True
            if dropped.reset:
                # closed with time zero to linger, a connection is reset
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
            return
        except Truncated as truncated:
            self.close_connection = True
            status, headers, payload = truncated.answer
            self.write_answer(status, responses.get(status, "Unknown"), headers, payload, len(payload) // 2)
            return
        code, _, reason = said["status"].partition(" ")
        self.write_answer(int(code), reason, said["headers"], payload, len(payload))

    def write_answer(
        self, status: int, reason: str, headers: list[tuple[str, str]], payload: bytes, written: int
    ) -> None:
        """Writes a head with the length of the whole body, and so many bytes of the body."""
        bodiless = self.command == "HEAD" or status in (204, 304)
        self.send_response(status, reason)
        for name, value in headers:
            if name.lower() not in ("content-length", "connection") or (bodiless and name.lower() == "content-length"):
                self.send_header(name, value)
        if not bodiless:
            self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        if not bodiless:
            self.wfile.write(payload[:written])
        self.wfile.flush()

    def handle(self) -> None:
        """Serves a connection; clients may go whenever they like."""
        try:
            super().handle()
        except (ConnectionError, TimeoutError):
            pass


def _application(service: Any) -> Any:
    if service is None:
        raise NotImplementedError("the service is not simulated")
    return create_backend_app(service)


def make(host: str, port: int) -> BaseWSGIServer:
    """A server that listens and does not serve yet."""
    install()
    application = FrontDoor(DomainDispatcherApplication(_application))
    server = make_server(host, port, application, threaded=True, request_handler=Handler)
    server.daemon_threads = True
    return server
