"""The libraries that a build must load to use a GPU, and what a kernel's loader makes of each: the one place
that looks through a snapshot's libraries, for all rules about them.

- ``build_stack(...) -> Stack``: from a snapshot's facts; where it does not list libraries, from the packages
  that bring them;
- ``Stack``: ``needs``, ``states`` (reached, out of reach, other version, nowhere, unknown), ``loaded``.
"""

from .building import build_stack
from .model import DRIVER_LIBRARIES, Name, Need, Stack, State, folder_of, named, needs_of

__all__ = [
    "DRIVER_LIBRARIES",
    "Name",
    "Need",
    "Stack",
    "State",
    "build_stack",
    "folder_of",
    "named",
    "needs_of",
]
