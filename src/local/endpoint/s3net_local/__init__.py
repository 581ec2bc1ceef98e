"""An AWS endpoint on this machine: moto's server, corrected so that it answers like AWS.

Read `corrections.py` first (how a correction is stated and installed), then
`front_door.py` (what every request passes through). Every other module holds one
subject and says in its first lines what AWS does and what moto does instead.
"""

VERSION = "1"
