"""What a log says: lines that frameworks, CUDA, the loader, Windows and pip print, and what they mean.

- ``recognised(text) -> tuple[Match, ...]``: the messages in a text, in its order;
- ``cleaned(text)``: the text without colour codes and HTML;
- ``messages()``: all that are known, by id;
- ``cause_texts()``: the words for a cause that only a log tells, by its code.
"""

from .matching import Match, recognised
from .table import CauseText, Message, cause_texts, messages
from .text import cleaned

__all__ = [
    "CauseText",
    "Match",
    "Message",
    "cause_texts",
    "cleaned",
    "messages",
    "recognised",
]
