"""A person at a terminal: types into a shell what stands on standard input, as JSON
pairs of what must have been seen before and what is typed then, and writes what the
terminal has shown."""

import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios
import time

PATIENCE = 300

steps = json.load(sys.stdin)
shell, terminal = pty.fork()
if shell == 0:
    os.environ["TERM"] = "xterm"
    os.execvp(sys.argv[1], sys.argv[1:])
# Wide enough for every line to stay one.
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 400, 0, 0))
end = time.monotonic() + PATIENCE
seen = b""


def look():
    """Shows what is new; none at the end."""
    if not select.select([terminal], [], [], max(0, end - time.monotonic()))[0]:
        sys.exit(f"nothing more was seen behind {seen!r}")
    try:
        new = os.read(terminal, 65536)
    except OSError:
        new = b""
    sys.stdout.buffer.write(new)
    return new


for wanted, keys in steps:
    while wanted.encode() not in seen:
        new = look()
        if not new:
            sys.exit(f"the shell ended, and {wanted!r} was not seen")
        seen += new
    seen = b""
    os.write(terminal, keys.encode())
while look():
    pass
os.waitpid(shell, 0)
