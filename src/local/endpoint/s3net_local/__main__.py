"""Starts the endpoint: `python -m s3net_local --host 127.0.0.1 --port 5000`.

Prints one line, `ready http://HOST:PORT`, when it answers; everything else goes to the
error output. `--port 0` takes a free port. Ends on SIGTERM or SIGINT, and with `--with-parent
PID` when that process has gone.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="s3net_local", description="An AWS endpoint on this machine.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    parser.add_argument(
        "--settings",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="for example pending_seconds.nat_gateway=2; may be repeated",
    )
    parser.add_argument("--with-parent", type=int, default=0, metavar="PID", help="end when this process has gone")
    return parser.parse_args(argv)


def watch(parent: int) -> None:
    """Ends this process when its parent has gone."""
    while True:
        try:
            os.kill(parent, 0)
        except ProcessLookupError:
            os._exit(0)
        except PermissionError:
            pass
        time.sleep(1)


def main() -> int:
    """Starts the server and serves until a signal."""
    chosen = arguments()
    from .server import make
    from .settings import SETTINGS, SettingError, from_text

    try:
        for text in chosen.settings:
            SETTINGS.change(from_text(text))
    except SettingError as wrong:
        print(f"s3net_local: {wrong}", file=sys.stderr)
        return 2
    try:
        server = make(chosen.host, chosen.port)
    except (OSError, SystemExit) as failure:
        print(f"s3net_local: cannot listen on {chosen.host}:{chosen.port}: {failure}", file=sys.stderr)
        return 1
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))
    if chosen.with_parent and os.name == "posix":  # elsewhere os.kill(pid, 0) would end the parent
        threading.Thread(target=watch, args=(chosen.with_parent,), daemon=True).start()
    print(f"ready http://{chosen.host}:{server.server_port}", flush=True)
    server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
