"""The control run: the same program without its protection. It must send things twice, or the harness is blind."""

from datetime import timedelta

from inet_comms.lifecycle import tick
from posts.actions import settling


def take_protection_away():
    """An unknown outcome counts as "not sent", as in every scheduler that retries what was not answered."""

    def retry_instead(delivery, now, message):
        tick(
            delivery,
            "retry_later",
            message=message,
            due_at=max(delivery.due_at, now + timedelta(seconds=1)),
            claim_token=None,
            lease_until=None,
        )

    settling.lose_sight = retry_instead
