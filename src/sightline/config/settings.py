"""Django's settings, derived from the options of the home folder (see `options.py`).

Importing this needs no home: without `config.toml` a throw-away secret key is used, so that tests and tools start.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from sightline.config.database import database_of
from sightline.config.options import read_options

SIGHTLINE_HOME = Path(os.environ.get("SIGHTLINE_HOME", "sightline-home")).absolute()
SIGHTLINE = read_options(home=SIGHTLINE_HOME, environment=os.environ)

SECRET_KEY = SIGHTLINE.secret_key or secrets.token_urlsafe(48)
DEBUG = SIGHTLINE.debug
ALLOWED_HOSTS = [*SIGHTLINE.allowed_hosts, *([urlsplit(SIGHTLINE.url).hostname or ""] if SIGHTLINE.url else [])]
ROOT_URLCONF = "sightline.config.urls"
WSGI_APPLICATION = "sightline.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "sightline.accounts",
    "sightline.ingest",
    "sightline.jobs",
    "sightline.web",
]
MIDDLEWARE = [
    "sightline.config.middleware.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "sightline.config.middleware.NoNul",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "sightline.config.middleware.SessionAge",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "sightline.web.middleware.Problems",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {"default": database_of(SIGHTLINE.database, home=SIGHTLINE_HOME)}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["sightline.config.signed_in.AccountBackend"]
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"
PASSWORD_HASHERS = [
    "sightline.accounts.hashers.Argon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
     "OPTIONS": {"user_attributes": ("email", "name")}},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]  # fmt: skip
PASSWORD_RESET_TIMEOUT = 60 * 60

# Cookies are per host, not per port: the home's digest keeps two installations on one machine apart.
_COOKIE = (
    ("__Host-" if SIGHTLINE.is_https else "") + "sightline_" + hashlib.sha256(bytes(SIGHTLINE_HOME)).hexdigest()[:6]
)
SESSION_ENGINE = "sightline.config.signed_in"
SESSION_COOKIE_NAME = f"{_COOKIE}_session"
SESSION_COOKIE_AGE = SIGHTLINE.session_idle_hours * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = SIGHTLINE.is_https
CSRF_COOKIE_NAME = f"{_COOKIE}_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = SIGHTLINE.is_https
CSRF_FAILURE_VIEW = "sightline.web.views.problems.csrf_failed"
CSRF_TRUSTED_ORIGINS = [SIGHTLINE.url] if SIGHTLINE.url else []
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Headers that SecurityMiddleware and XFrameOptionsMiddleware send; the others are in middleware.SecurityHeaders
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if SIGHTLINE.is_https else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SIGHTLINE.behind_proxy else None

# Files. `serve` collects the static files into the home before the web processes start; tests use the finders.
STATIC_URL = "/static/"
_COLLECTED = (SIGHTLINE_HOME / "static" / "staticfiles.json").is_file()
STATIC_ROOT = SIGHTLINE_HOME / "static" if _COLLECTED else None
WHITENOISE_USE_FINDERS = not _COLLECTED
WHITENOISE_AUTOREFRESH = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
MEDIA_ROOT = SIGHTLINE_HOME / "uploads"
FILE_UPLOAD_TEMP_DIR = str(MEDIA_ROOT) if MEDIA_ROOT.is_dir() else None
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# Mail
_MAIL = {"file": "filebased", "console": "console", "smtp": "smtp"}[SIGHTLINE.mail_medium]
EMAIL_BACKEND = f"django.core.mail.backends.{_MAIL}.EmailBackend"
EMAIL_FILE_PATH = SIGHTLINE_HOME / "mail"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = SIGHTLINE.mail_from
EMAIL_HOST = SIGHTLINE.smtp_host
EMAIL_PORT = SIGHTLINE.smtp_port
EMAIL_HOST_USER = SIGHTLINE.smtp_user
EMAIL_HOST_PASSWORD = SIGHTLINE.smtp_password
EMAIL_USE_TLS = SIGHTLINE.smtp_security == "starttls"
EMAIL_USE_SSL = SIGHTLINE.smtp_security == "tls"
EMAIL_TIMEOUT = 20

# Time and language: workspaces have their own zone; the server thinks in UTC
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": SIGHTLINE.log_level},
    "loggers": {"django.server": {"level": "WARNING"}, "django.request": {"level": "ERROR"}},
}
