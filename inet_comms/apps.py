"""The project as an app: its commands, its demo, its checks."""

from django.apps import AppConfig


class InetCommsConfig(AppConfig):
    name = "inet_comms"
    verbose_name = "Inet Comms"
