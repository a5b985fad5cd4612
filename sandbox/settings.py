"""Settings of the stand-in shop. Names of environment variables are Saleor's where Saleor has them."""

import os

import dj_database_url

SECRET_KEY = os.environ.get("SECRET_KEY", "sandbox")
DEBUG = False
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "sandbox.shop", "saleor_livesales"]
DATABASES = {"default": dj_database_url.config(default="postgres://livesales@127.0.0.1:5432/livesales")}
USE_TZ = True
TIME_ZONE = "UTC"
ROOT_URLCONF = "sandbox.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
CELERY_BROKER_URL = REDIS_URL
CELERY_BEAT_SCHEDULE: dict = {}
