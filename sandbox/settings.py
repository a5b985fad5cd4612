"""Settings of the stand-in shop. Names of environment variables are Saleor's where Saleor has them."""

import os
from pathlib import Path

import dj_database_url

SECRET_KEY = os.environ.get("SECRET_KEY", "sandbox")
DEBUG = False
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "sandbox.shop", "saleor_livesales"]
MIDDLEWARE = ["sandbox.shop.views.CorsMiddleware"]
AUTH_USER_MODEL = "shop.User"
LIVESALES_HOST = "sandbox.shop.adapter.install"
DATABASES = {"default": dj_database_url.config(default="postgres://livesales@127.0.0.1:5432/livesales")}
USE_TZ = True
TIME_ZONE = "UTC"
APPEND_SLASH = False
ROOT_URLCONF = "sandbox.urls"
ASGI_APPLICATION = "sandbox.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000  # bytes
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
CELERY_BROKER_URL = REDIS_URL
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE: dict = {}

# As in Saleor: where the API answers, whom browsers may call it from, and the key of the tokens (PEM).
PUBLIC_URL = os.environ.get("PUBLIC_URL", "http://127.0.0.1:8000/")
ALLOWED_GRAPHQL_ORIGINS = [
    part.strip() for part in os.environ.get("ALLOWED_GRAPHQL_ORIGINS", "*").split(",") if part.strip()
]
RSA_PRIVATE_KEY = os.environ.get("RSA_PRIVATE_KEY", "")
# Where a key is made when none is given, for all processes to share.
DATA_DIR = Path(os.environ.get("LIVESALES_DATA") or Path(__file__).resolve().parent.parent / "var")
MEDIA_ROOT = str(DATA_DIR / "media")
PRIVATE_FILE_STORAGE = "django.core.files.storage.FileSystemStorage"
# Addresses of Dashboards, separated by commas: the only ones that may frame the console.
_dashboards = os.environ.get("LIVESALES_DASHBOARD_ORIGINS") or os.environ.get("DASHBOARD_URL", "")
FRAME_ANCESTORS = [part.strip() for part in _dashboards.split(",") if part.strip()]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
}
