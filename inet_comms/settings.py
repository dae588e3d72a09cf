"""Settings: everything that differs from one machine to the next comes from the environment (`.env.example` names it all).

With an empty environment the app runs on what it carries: SQLite, a folder as broker, mail kept in a folder, all below DATA_DIR.
"""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import environ
from celery.schedules import crontab
from cryptography.fernet import Fernet
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")

DATA_DIR = Path(env("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)


def kept_secret(name, make):
    """A secret made at the first start and kept in DATA_DIR, readable by its owner only."""
    path = DATA_DIR / name
    if not path.exists():
        # Written whole under another name, then linked: processes that start together all read the same one.
        descriptor, draft = tempfile.mkstemp(dir=DATA_DIR)
        with os.fdopen(descriptor, "w") as file:
            file.write(make())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        os.unlink(draft)
    return path.read_text().strip()


DEBUG = env.bool("DEBUG", default=False)
# Demo mode: sign-in by one click, a readable mailbox, the rehearsal network. Never on a server that people reach.
DEMO = env.bool("DEMO", default=False)
SECRET_KEY = env("SECRET_KEY", default="") or kept_secret("secret_key", lambda: secrets.token_urlsafe(50))
# Former keys, so that links signed with them (in receipts, on paper) go on working after a change.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# Newest first. Tokens of the school's accounts are encrypted with the first and read with any.
TOKEN_KEYS = env.list("TOKEN_KEYS", default=[]) or [
    kept_secret("token_key", lambda: Fernet.generate_key().decode())
]

PUBLIC_URL = env("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
_public = urlsplit(PUBLIC_URL)
IS_HTTPS = _public.scheme == "https"
ALLOWED_HOSTS = [*env.list("ALLOWED_HOSTS", default=[]), _public.hostname, "127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SCHOOL_NAME = env("SCHOOL_NAME", default="INET")
# A part of France as python-holidays knows them: Alsace has two days more; empty for the rest of metropolitan France.
HOLIDAYS_IN = env("HOLIDAYS_IN", default="6AE")
# What the studio's hints say of inclusive writing: "points" (étudiant·e·s), "no_points", or "free": nothing.
INCLUSIVE_WRITING = env("INCLUSIVE_WRITING", default="free")

INSTALLED_APPS = [
    "inet_comms",
    "cohorts",
    "portraits",
    "posts",
    "inet_comms.admin_site.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "import_export",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "inet_comms.middleware.ChosenLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "inet_comms.middleware.StaffSecondFactor",
    "inet_comms.middleware.WayBack",
]
ROOT_URLCONF = "inet_comms.urls"
WSGI_APPLICATION = "inet_comms.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "inet_comms.navigation.frame",
            ]
        },
    }
]

# Database ---------------------------------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE: SQLite has no row locks, so a transaction that will write takes the write lock at once.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# Opening SQLite costs a page 2 ms, PostgreSQL more: connections are kept for a minute.
DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": env.cache_url("CACHE_URL", default="locmemcache://")}

# Worker -----------------------------------------------------------------------------------------
CELERY_BROKER_URL = env("CELERY_BROKER_URL", default="filesystem://localhost")
if CELERY_BROKER_URL.startswith("filesystem"):
    BROKER_DIR = DATA_DIR / "broker"
    for _folder in ("queue", "control"):
        (BROKER_DIR / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "queue"),
        "data_folder_out": str(BROKER_DIR / "queue"),
        "control_folder": str(BROKER_DIR / "control"),
    }
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_timeout": 5}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_ROUTES = {"posts.tasks.publish_due": {"queue": "publishing"}}
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 45
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_ENABLE_UTC = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    # A tick that was not taken within its second is worth nothing: the next one asks the same question.
    "publish-due": {"task": "posts.tasks.publish_due", "schedule": 1.0, "options": {"expires": 2}},
    # Half past three in Paris, in winter or in summer: the task knows which.
    "retain": {
        "task": "inet_comms.tasks.retain",
        "schedule": crontab(minute=30, hour="1,2"),
        "options": {"expires": 1500},
    },
    # At half past eight in Paris and a few times after it: the task knows when, and who has had theirs.
    "send-digests": {
        "task": "inet_comms.tasks.send_digests",
        "schedule": crontab(minute="*/5", hour="6-11"),
        "options": {"expires": 300},
    },
    "chase": {"task": "portraits.tasks.chase", "schedule": 60.0, "options": {"expires": 60}},
    "end-consents": {"task": "portraits.tasks.end_consents", "schedule": 600.0, "options": {"expires": 600}},
    "remind-of-ends": {
        "task": "portraits.tasks.remind_of_ends",
        "schedule": 1800.0,
        "options": {"expires": 1800},
    },
}

# People -----------------------------------------------------------------------------------------
AUTH_USER_MODEL = "cohorts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "inet_comms.sign_in.ClosedAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Inet Comms"
# WebAuthn wants https, except on the machine itself.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_HTTPS
# Activity is not tracked: it would make every page a write, and a board five queries dearer.
USERSESSIONS_TRACK_ACTIVITY = False
# The number of proxies of ours in front of the web process. 0: X-Forwarded-For is not believed.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
STAFF_SECOND_FACTOR = env.bool("STAFF_SECOND_FACTOR", default=not DEMO)

# Mail -------------------------------------------------------------------------------------------
MAIL_DIR = DATA_DIR / "mail"
if env("EMAIL_URL", default=""):
    vars().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "inet_comms.mailbox.KeptMailBackend"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env(
    "DEFAULT_FROM_EMAIL", default=f"Inet Comms <ne-pas-repondre@{_public.hostname}>"
)
# Where invitations and reminders come back to if they cannot arrive: see docs/operating.md. Empty: the sender's address.
BOUNCE_EMAIL = env("BOUNCE_EMAIL", default="")
# A mail server that does not answer must not hold a worker.
EMAIL_TIMEOUT = 20
ADMINS = [("Admin", address) for address in env.list("ADMIN_EMAILS", default=[])]

# Networks: base addresses are settings, the connectors do not know whether they rehearse ------------
REHEARSAL_URL = env("REHEARSAL_URL", default="http://127.0.0.1:8001").rstrip("/")
# In demo mode nothing goes to a real network unless somebody says so.
LINKEDIN_API_URL = env(
    "LINKEDIN_API_URL", default=REHEARSAL_URL if DEMO else "https://api.linkedin.com"
).rstrip("/")
LINKEDIN_OAUTH_URL = env(
    "LINKEDIN_OAUTH_URL", default=REHEARSAL_URL if DEMO else "https://www.linkedin.com"
).rstrip("/")
LINKEDIN_CLIENT_ID = env("LINKEDIN_CLIENT_ID", default="rehearsal" if DEMO else "")
LINKEDIN_CLIENT_SECRET = env("LINKEDIN_CLIENT_SECRET", default="rehearsal" if DEMO else "")
# A version lives a year: https://learn.microsoft.com/linkedin/marketing/versioning
LINKEDIN_VERSION = env("LINKEDIN_VERSION", default="202609")
FACEBOOK_API_URL = env(
    "FACEBOOK_API_URL", default=f"{REHEARSAL_URL}/api/facebook" if DEMO else "https://graph.facebook.com"
).rstrip("/")
FACEBOOK_OAUTH_URL = env(
    "FACEBOOK_OAUTH_URL", default=f"{REHEARSAL_URL}/api/facebook" if DEMO else "https://www.facebook.com"
).rstrip("/")
FACEBOOK_CLIENT_ID = env("FACEBOOK_CLIENT_ID", default="rehearsal" if DEMO else "")
FACEBOOK_CLIENT_SECRET = env("FACEBOOK_CLIENT_SECRET", default="rehearsal" if DEMO else "")
FACEBOOK_VERSION = env("FACEBOOK_VERSION", default="v26.0")
X_API_URL = env("X_API_URL", default=f"{REHEARSAL_URL}/api/x" if DEMO else "https://api.x.com").rstrip("/")
X_OAUTH_URL = env("X_OAUTH_URL", default=f"{REHEARSAL_URL}/api/x" if DEMO else "https://x.com").rstrip("/")
X_CLIENT_ID = env("X_CLIENT_ID", default="rehearsal" if DEMO else "")
X_CLIENT_SECRET = env("X_CLIENT_SECRET", default="rehearsal" if DEMO else "")
# When to look at a page whose answer was lost; after the last look a person is asked.
LOOK_AFTER_SECONDS = env.list("LOOK_AFTER_SECONDS", cast=int, default=[30, 120, 600])
# Seconds between two posts of one page, and how late everything may be before a person ticks what still leaves.
SPACING_SECONDS = env.int("SPACING_SECONDS", default=60)
OUTAGE_SECONDS = env.int("OUTAGE_SECONDS", default=1800)
# How long a page rests after three failures in a row, before it is asked whether it is well again.
BREAKER_SECONDS = env.int("BREAKER_SECONDS", default=300)
# When to read a published post once more: gone by then, a person is asked.
CONFIRM_AFTER_SECONDS = env.int("CONFIRM_AFTER_SECONDS", default=180)
# How long a worker's claim on a delivery holds: longer than an upload (120 s) and a call (30 s) together.
DELIVERY_LEASE_SECONDS = env.int("DELIVERY_LEASE_SECONDS", default=180)

# Words and time -----------------------------------------------------------------------------------
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = "Europe/Paris"
USE_TZ = True

# Files ------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
# Whether a student's phone keeps the form for when there is no connection. 0: it forgets the pages at its next visit.
OFFLINE_FORM = env.bool("OFFLINE_FORM", default=True)
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
# There is no MEDIA_URL on purpose: pictures are served by a view that checks who asks.
MEDIA_ROOT = DATA_DIR / "media"
# With nginx in front: the internal location that serves MEDIA_ROOT, with a slash at the end.
X_ACCEL_PREFIX = env("X_ACCEL_PREFIX", default="")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "inet_comms.static_files.StaticFiles"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_NUMBER_FILES = 20

# Browsers ---------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "django.views.csrf.csrf_failure"
if IS_HTTPS:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
}
