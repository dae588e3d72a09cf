"""Portraits in every state, for the tests of this folder."""

from portraits import actions, phones
from tests import factories

AUTOSAVE = {"X-Requested-With": "autosave"}


def made(state, student=None, comms=None, **options):
    """A portrait that went the real way to `state`, published included; `options` as in `factories.make_portrait`."""
    if state != "published":
        return factories.make_portrait(state, student=student, comms=comms, **options)
    portrait = factories.make_portrait("signed", student=student, comms=comms, **options)
    actions.publish(portrait)
    return factories.fresh(portrait)


def by_script(client, student, path, data):
    """The answer to what static/js/sending.js sends for this student."""
    return client.post(path, data | {"whose": phones.owner(student.user)}, headers=AUTOSAVE)
