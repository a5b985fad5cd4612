"""The ASGI application of the stand-in shop: ``uvicorn sandbox.asgi:application``."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sandbox.settings")
application = get_asgi_application()
