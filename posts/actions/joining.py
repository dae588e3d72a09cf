"""Connecting a page in the browser: away to the network, back with a code, then the choice of the page.

Nothing is kept of an account before its page was chosen and has answered. Until then a Connection holds what is needed,
bound to the person and the session that began it; each of its steps can be taken once.
"""

from __future__ import annotations

import contextlib
import json
import secrets
from dataclasses import asdict, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from cohorts.models import User
from inet_comms.lifecycle import require

from .. import clock, rights
from ..models import Account, Connection
from ..models.account import app_of
from ..models.connection import LIFE, digest
from ..networks import get_network
from ..networks.base import App, Choice, Grant, Outcome, Refused
from ..permissions import can_connect
from . import connecting

USED = gettext_lazy("This was used already. If the page is not in the list of accounts, begin again.")


class ConnectionRefused(Exception):
    """Nothing was connected. `reason` is for machines, str() a sentence that says what to do, `details` for technicians."""

    def __init__(self, reason: str, sentence: str, details: str = ""):
        self.reason, self.details = reason, details
        super().__init__(sentence)


@sensitive_variables()
def begin(network: str, *, by: User, session_key: str, api_url: str = "") -> str:
    """The address at the network where they consent. Raises Outcome or ConnectionRefused where a server must be asked first."""
    require(can_connect(by))
    connector, app = get_network(network), app_of(network, api_url)
    if not app.client_id and hasattr(connector, "register"):
        with _refusals_in_words():
            app = connector.register(app)
    state, verifier, now = secrets.token_urlsafe(32), secrets.token_urlsafe(64), clock.now()
    Connection.objects.filter(begun_at__lte=now - 2 * LIFE).delete()
    Connection.objects.create(
        network=network,
        api_url=api_url,
        state_digest=digest(state),
        session_digest=digest(session_key),
        by=by,
        begun_at=now,
        verifier=verifier,
        client_id=app.client_id,
        client_secret=app.client_secret,
    )
    return connector.authorize_url(app, state=state, verifier=verifier)


@sensitive_variables()
def come_back(
    network: str, *, state: str, code: str, error: str = "", by: User, session_key: str
) -> Connection:
    """The network led them back: take the code for what they granted. Raises ConnectionRefused, keeps nothing then."""
    require(can_connect(by))
    connection = _use_up(network, state, by, session_key)
    try:
        with _refusals_in_words():
            grant, choices = _ask_for_grant(connection, code, error)
    except ConnectionRefused:
        connection.delete()
        raise
    except Outcome as outcome:
        connection.delete()
        raise ConnectionRefused(outcome.reason, connecting.why(outcome), outcome.answer) from None
    granted = _granted(grant, connection.returned_at)
    connection.grant = json.dumps(granted | {"choices": [asdict(choice) for choice in choices]})
    connection.verifier = connection.client_secret = ""
    connection.save()
    return connection


@sensitive_variables()
def _use_up(network: str, state: str, by: User, session_key: str) -> Connection:
    """The connection that this state belongs to, from now on used: one statement, so that of two the second finds it used."""
    now = clock.now()
    mine = Connection.objects.filter(
        network=network, state_digest=digest(state), session_digest=digest(session_key), by=by
    )
    if mine.filter(returned_at__isnull=True, begun_at__gt=now - LIFE).update(returned_at=now):
        return mine.get()
    connection = mine.first()
    if connection is None:
        raise ConnectionRefused(
            "unknown-state",
            _(
                "This does not belong to a connection that you began in this window, or it was used already. Nothing was connected by it. Begin again from the list of accounts."
            ),
        )
    if connection.returned_at is not None:
        raise ConnectionRefused("used", str(USED))
    connection.delete()
    raise ConnectionRefused(
        "too-old", _("It took longer than ten minutes, so nothing was connected. Begin again.")
    )


@sensitive_variables()
def _ask_for_grant(connection: Connection, code: str, error: str) -> tuple[Grant, list[Choice]]:
    connector, label = get_network(connection.network), connection.get_network_display()
    if error in ("access_denied", "user_cancelled_login", "user_cancelled_authorize"):
        raise ConnectionRefused(
            "denied",
            _("You did not allow it on %(network)s. Nothing was connected. Begin again when you wish.")
            % {"network": label},
            error,
        )
    if error or not code:
        raise ConnectionRefused(
            "no-code",
            _(
                "%(network)s led you back without saying yes. Nothing was connected. Begin again; if it happens again, tell whoever runs the server."
            )
            % {"network": label},
            error[:200],
        )
    app = _app(connection)
    grant = connector.exchange(app, code=code, verifier=connection.verifier)
    if missing := rights.missing(connector.scopes, grant.scopes):
        raise ConnectionRefused(
            "missing-scopes",
            _(
                "Something that is needed was not allowed on %(network)s: %(rights)s. Nothing was connected. Begin again and leave everything ticked there."
            )
            % {"network": label, "rights": rights.in_words(missing)},
            " ".join(missing),
        )
    choices = connector.pages(app, grant)
    if not choices:
        raise ConnectionRefused(
            "no-pages",
            _(
                "The account that you signed in with on %(network)s reaches no page there. Ask an administrator of the page to add you, or to connect it themselves."
            )
            % {"network": label},
        )
    return grant, choices


def _app(connection: Connection) -> App:
    app = app_of(connection.network, connection.api_url)
    return replace(app, client_id=connection.client_id, client_secret=connection.client_secret)


@contextlib.contextmanager
def _refusals_in_words():
    """What a network refuses on the way to a grant, it refuses for good, and its connector says why."""
    try:
        yield
    except Refused as outcome:
        refused = ConnectionRefused(outcome.reason, str(outcome.message), outcome.answer)
    else:
        return
    raise refused


@sensitive_variables()
def _granted(grant: Grant, start: datetime) -> dict:
    """As JSON: moments instead of seconds."""
    spans = {"expires_at": grant.expires_in, "refresh_expires_at": grant.refresh_expires_in}
    ends = {
        name: None if seconds is None else (start + timedelta(seconds=seconds)).isoformat()
        for name, seconds in spans.items()
    }
    return {
        "token": grant.token,
        "refresh_token": grant.refresh_token,
        "scopes": sorted(grant.scopes),
        **ends,
    }


def in_hand(network: str, pk: int, *, by: User, session_key: str) -> Connection:
    """The connection whose page they may now choose. Raises ConnectionRefused."""
    require(can_connect(by))
    connection = Connection.objects.filter(
        pk=pk,
        network=network,
        by=by,
        session_digest=digest(session_key),
        returned_at__gt=clock.now() - LIFE,
    ).first()
    if connection is None or not connection.grant:
        raise ConnectionRefused(
            "nothing-in-hand",
            _(
                "There is nothing to choose here any more: it was done, or took too long. Look at the list of accounts; if the page is not there, begin again."
            ),
        )
    return connection


@sensitive_variables()
def choose(connection: Connection, remote_id: str, *, by: User) -> Account:
    """Connect the chosen page. Raises Outcome if the page does not answer: they may try again, or choose another."""
    require(can_connect(by))
    choice = next((each for each in connection.choices if each.remote_id == remote_id), None)
    if choice is None or not choice.can_publish:
        raise ConnectionRefused("no-such-page", _("This page cannot be chosen. Begin again."))
    return _keep(connection.network, connection.api_url, json.loads(connection.grant), choice, by, connection)


@sensitive_variables()
def sign_in(network: str, *, identifier: str, password: str, by: User, api_url: str) -> Account:
    """Connect with a password made for us, which is used once and kept nowhere. Raises Outcome or ConnectionRefused."""
    require(can_connect(by))
    now = clock.now()
    with _refusals_in_words():
        grant, choice = get_network(network).sign_in(app_of(network, api_url), identifier, password)
    return _keep(network, api_url, _granted(grant, now), choice, by)


@sensitive_variables()
def _keep(
    network: str, api_url: str, granted: dict, choice: Choice, by: User, connection: Connection | None = None
) -> Account:
    """A page with a token of its own keeps that one."""
    token, api_url = choice.token or granted["token"], choice.api_url or api_url
    page = connecting.ask(network, choice.remote_id, token=token, api_url=api_url)
    with transaction.atomic():
        if connection is not None and not Connection.objects.filter(pk=connection.pk).delete()[0]:
            raise ConnectionRefused("used", str(USED))
        return connecting.keep(
            network,
            page,
            by=by,
            api_url=api_url,
            scopes=granted["scopes"],
            token=token,
            refresh_token=granted["refresh_token"],
            expires_at=_read(granted["expires_at"]),
            refresh_expires_at=_read(granted["refresh_expires_at"]),
        )


def _read(moment: str | None) -> datetime | None:
    return datetime.fromisoformat(moment) if moment else None
