"""docker-compose.yml, Dockerfile and .env.example name only what exists: no container engine is needed to know."""

import importlib.util
import re
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands
from django.urls import resolve

from inet_comms import celery_app, settings

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SERVICES = COMPOSE["services"]
pytestmark = pytest.mark.files_only


def environment_names():
    """Names that .env.example explains."""
    return set(re.findall(r"^([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def names_read_by_settings():
    source = Path(settings.__file__).read_text()
    direct = set(re.findall(r'env(?:\.\w+)?\(\s*"([A-Z0-9_]+)"', source))
    return direct


def commands():
    yield "web", re.search(r"CMD (\[.*\])", DOCKERFILE).group(1)
    for name, service in SERVICES.items():
        if "command" in service and "image" not in service:
            yield name, str(service["command"]).replace("'", '"')


def test_services_are_the_five_and_the_migration():
    assert set(SERVICES) == {"migrate", "web", "worker", "beat", "postgres", "redis"}


@pytest.mark.parametrize(("name", "command"), list(commands()))
def test_command_runs_what_exists(name, command):
    words = yaml.safe_load(command)
    assert words[0] == "python"
    if words[1] == "-m":
        assert importlib.util.find_spec(words[2]) is not None
    else:
        assert words[1:2] == ["manage.py"]
        assert words[2] in get_commands()


def test_web_serves_this_project_on_the_published_port():
    command = yaml.safe_load(re.search(r"CMD (\[.*\])", DOCKERFILE).group(1))
    assert importlib.util.find_spec(command[3]) is not None
    port = command[command.index("--bind") + 1].rsplit(":", 1)[1]
    assert f"EXPOSE {port}" in DOCKERFILE
    assert [published.rsplit(":", 1)[1] for published in SERVICES["web"]["ports"]] == [port]


def test_worker_takes_every_queue_that_is_used():
    command = SERVICES["worker"]["command"]
    taken = set(command[command.index("--queues") + 1].split(","))
    used = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()} | {
        settings.CELERY_TASK_DEFAULT_QUEUE
    }
    assert used - taken == set()


def test_beat_names_only_tasks_that_exist():
    celery_app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert scheduled - set(celery_app.tasks) == set()


def test_health_check_asks_an_address_that_exists():
    test = " ".join(SERVICES["web"]["healthcheck"]["test"])
    path = re.search(r"http://127\.0\.0\.1:8000(/\w+)", test).group(1)
    assert resolve(path).url_name == "readyz"


def test_variables_of_compose_are_known():
    given = {
        name
        for service in SERVICES.values()
        for name in service.get("environment", {})
        if "image" not in service
    }
    asked = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    assert (given | asked) - environment_names() == set()


def test_every_variable_that_settings_read_is_explained():
    assert names_read_by_settings() - environment_names() == set()


def test_every_variable_that_is_explained_is_read():
    supervisor = (ROOT / "inet_comms/supervisor.py").read_text()
    compose = (ROOT / "docker-compose.yml").read_text()
    unread = {
        name
        for name in environment_names() - names_read_by_settings()
        if f'"{name}"' not in supervisor and f"${{{name}" not in compose
    }
    assert unread == set()


def test_app_services_wait_for_the_migration():
    waiting = {name for name, service in SERVICES.items() if "migrate" in service.get("depends_on", {})}
    assert waiting == {"web", "worker", "beat"}
