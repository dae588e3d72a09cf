"""Portraits in every state, for the tests of this folder."""

from portraits import actions
from tests import factories


def made(state, student=None, comms=None, **options):
    """A portrait that went the real way to `state`, published included; `options` as in `factories.make_portrait`."""
    if state != "published":
        return factories.make_portrait(state, student=student, comms=comms, **options)
    portrait = factories.make_portrait("signed", student=student, comms=comms, **options)
    actions.publish(portrait)
    return factories.fresh(portrait)
