"""How often one may knock at an open door: counted in the cache, by the address of who knocks."""

from __future__ import annotations

import hashlib
import time

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest


def is_too_often(request: HttpRequest, door: str, *, times: int, seconds: int) -> bool:
    """Whether this address has now knocked more than so many times within the present window of so many seconds."""
    address = hashlib.sha256(get_adapter().get_client_ip(request).encode()).hexdigest()[:24]
    key = f"throttle:{door}:{address}:{int(time.time() // seconds)}"
    cache.add(key, 0, timeout=seconds)
    try:
        return cache.incr(key) > times
    except ValueError:
        # It fell out of the cache between the two calls.
        return False
