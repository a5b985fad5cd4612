"""A real gateway process, real sockets, PostgreSQL and Redis."""

import asyncio
import uuid

import pytest
import websockets
from asgiref.sync import sync_to_async

from saleor_livesales import bus, conf, wire
from saleor_livesales.ids import to_global_id, uuid7
from saleor_livesales.models import Entry, Rep, Session

from .conftest import connect, gid, make_session, rep, until, visitor


async def test_both_sides_get_each_message_once_in_one_order(gateway):
    session = await make_session()
    async with visitor(gateway, subject=session.visitor_id) as shopper, rep(gateway, session.rep_id) as seller:
        for number in range(1, 21, 2):
            assert (await shopper.send(session, f"question {number}")).number == number
            assert (await seller.send(session, f"answer {number + 1}")).number == number + 1
        for client in (shopper, seller):
            while len([f for f in client.frames if isinstance(f, wire.Entry)]) < 20:
                await client.hear(wire.Entry)
            await client.silence(0.2)

    entries = [[f for f in client.frames if isinstance(f, wire.Entry)] for client in (shopper, seller)]
    assert entries[0] == entries[1]
    assert [entry.number for entry in entries[0]] == list(range(1, 21))
    assert (entries[0][0].text, entries[0][0].sender, entries[0][1].sender) == ("question 1", "visitor", "rep")
    assert await sync_to_async(Entry.objects.filter(session=session).count)() == 20
