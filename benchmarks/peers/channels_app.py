"""Django Channels as its documentation advises: an async consumer and the pub/sub layer of channels_redis.

Rows are made as the documentation of Channels shows it (``database_sync_to_async``, which closes the connection after
use, as Django does after a request), or with ``POOL=1`` by the async ORM on Django's pool of connections, as Django's
documentation advises for ASGI.

It promises less than the gateway: nothing is checked, numbered, or known by a key when it is sent again.
"""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

import django
import msgspec
from django.conf import settings

_database = urlsplit(os.environ.get("DATABASE_URL", "postgres://127.0.0.1/none"))
settings.configure(
    INSTALLED_APPS=["channels"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": _database.path.strip("/"),
            "USER": _database.username,
            "PASSWORD": _database.password,
            "HOST": _database.hostname,
            "PORT": _database.port,
            "OPTIONS": {"pool": True} if os.environ.get("POOL") == "1" else {},
        }
    },
    CHANNEL_LAYERS={
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": [os.environ["REDIS_URL"]]},
        }
    },
    USE_TZ=True,
)
django.setup()

from channels.db import database_sync_to_async  # noqa: E402
from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.routing import ProtocolTypeRouter  # noqa: E402
from django.db import models  # noqa: E402

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


class Message(models.Model):
    room = models.TextField()
    key = models.UUIDField()
    body = models.TextField()

    class Meta:
        app_label = "peers"
        db_table = "peer_message"
        managed = False


_create: Any = (
    Message.objects.acreate if os.environ.get("POOL") == "1" else database_sync_to_async(Message.objects.create)
)


class Consumer(AsyncWebsocketConsumer):
    room: str | None = None

    async def connect(self) -> None:
        await self.accept()

    async def disconnect(self, code: int) -> None:
        if self.room is not None:
            await self.channel_layer.group_discard(self.room, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        frame = _decode(text_data or "{}")
        kind = frame["type"]
        if kind == "echo":
            await self.send(text_data=_encode(frame).decode())
        elif kind == "typing":
            text = _encode({"type": "typing", "room": frame["room"], "active": True}).decode()
            await self.channel_layer.group_send(frame["room"], {"type": "forward", "text": text})
        elif kind == "send":
            message = await _create(room=frame["room"], key=frame["key"], body=frame["text"])
            await self.send(text_data=_encode({"type": "ack", "key": frame["key"], "number": message.pk}).decode())
            entry = {"type": "entry", "room": frame["room"], "key": frame["key"], "number": message.pk}
            text = _encode(entry | {"text": frame["text"]}).decode()
            await self.channel_layer.group_send(frame["room"], {"type": "forward", "text": text})
        elif kind == "join":
            self.room = frame["room"]
            await self.channel_layer.group_add(frame["room"], self.channel_name)
            await self.send(text_data='{"type":"joined"}')

    async def forward(self, event: dict[str, Any]) -> None:
        await self.send(text_data=event["text"])


application = ProtocolTypeRouter({"websocket": Consumer.as_asgi()})
