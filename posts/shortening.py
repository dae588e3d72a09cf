"""As many whole sentences as a page holds."""

from __future__ import annotations

import re
from collections.abc import Callable

from .models import Account

SENTENCE_END = re.compile(r"(?<=[.!?…])[»”\"]?\s+|\n+")


def shortened(text: str, whole: Callable[[str], str], account: Account) -> str:
    """`whole(text)`, with so many of the last sentences of `text` gone that the network counts it as short enough."""
    limits, connector = account.limits, account.connector
    while text and connector.length(whole(text), limits) > limits.text:
        # The last sentence goes, and with the last one of a paragraph its blank lines.
        text = text[: max((match.end() for match in SENTENCE_END.finditer(text.rstrip()[:-1])), default=0)]
    return whole(text)
