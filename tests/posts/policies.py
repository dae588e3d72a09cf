"""The school's rules in tests: those it begins with, or one that asks for nothing but what a test says."""

import importlib
from pathlib import Path

from django.apps import apps

from posts import migrations
from posts.models import ChannelPolicy, Kind

FILE = next(Path(migrations.__file__).parent.glob("*_policy.py"))
module = importlib.import_module(f"posts.migrations.{FILE.stem}")
DEFAULTS = module.DEFAULTS


def begin_with_defaults():
    """As after the migration, also where a test before has emptied the tables."""
    ChannelPolicy.objects.all().delete()
    module.write_defaults(apps, None)


def make_policy(network="linkedin", account=None, **fields):
    """The only rule of that network or page. Nothing is asked but what `fields` says."""
    ChannelPolicy.objects.filter(network=network, account=account).delete()
    nothing = {"sentence": "Pour les essais.", "audience": "field", "kinds": Kind.values}
    made = ChannelPolicy.objects.create(network=network, account=account, **nothing | fields)
    return ChannelPolicy.objects.get(pk=made.pk)


def plain(text):
    """With ordinary blanks: French has two others, which tests/test_french.py looks after."""
    return text.replace("\xa0", " ").replace("\u202f", " ")
