"""From a prefix to a :class:`Snapshot`: the facts, and no judgement. One module a kind of fact.

Everything is read as data: nothing of an environment is imported or run, and no program is started.
What cannot be read becomes None, "not known".
"""

from .collect import scan

__all__ = ["scan"]
