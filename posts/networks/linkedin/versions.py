"""Which versions of LinkedIn's interface live, and until when.

There is a version for most months, not for all, and no header says when one ends: the dates are learned by reading
https://learn.microsoft.com/linkedin/marketing/versioning.
"""

from __future__ import annotations

from datetime import date

SUNSETS = {
    "202601": date(2027, 1, 15),
    "202602": date(2027, 2, 15),
    "202603": date(2027, 3, 16),
    "202604": date(2027, 4, 15),
    "202605": date(2027, 5, 15),
    "202606": date(2027, 6, 15),
    "202607": date(2027, 7, 15),
    "202608": date(2027, 8, 17),
    "202609": date(2027, 9, 15),
}
"""The last day of each. Those that are newer than this table are not in it."""
