"""Times a batch of letters: ``python -m benchmarks.inside.letters NUMBER``. Answers with a line of JSON a command.

``batch``: so many members, of seven countries and six languages, whose codes go by post; their letters in one file, as
the task draws it. ``{"drawn", "bytes", "peak"}``: seconds, the file's size, and the process' peak of memory in MB.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import Any, Final

import django

# Name, street, city, postal code, country and its area, language.
PEOPLE: Final = (
    ("Ada Müller-Lüdenscheid", "Große Bergstraße 12", "Hamburg", "22767", "DE", "", "de"),
    ("Joe Doe", "1600 Amphitheatre Parkway", "Mountain View", "94043", "US", "CA", "en"),
    ("田中 太郎", "丸の内1-9-1", "千代田区", "100-0005", "JP", "東京都", "en"),
    ("ليلى حداد", "شارع الملك فهد 1234", "الرياض", "11564", "SA", "", "ar"),
    ("Γιώργος Παπαδόπουλος", "Ερμού 5", "Αθήνα", "105 63", "GR", "", "fr"),
    ("Иван Жуковский", "ул. Тверская, 7", "Москва", "125009", "RU", "", "es"),
    ("Zażółć Gęślą", "ul. Marszałkowska 3", "Warszawa", "00-590", "PL", "", "pl"),
)


def members(number: int) -> None:
    """``number`` more members, each with a letter that waits."""
    from django.utils import timezone

    from benchmarks.inside.targets import CHANNEL
    from saleor_livesales.ids import to_global_id
    from saleor_livesales.letters import actions as letters
    from saleor_livesales.members import actions
    from saleor_livesales.members.actors import By
    from saleor_livesales.members.models import Plan
    from sandbox.shop.models import Address, User

    now, by = timezone.now(), By(kind="staff", user_id="VXNlcjox")
    plan, _ = Plan.objects.get_or_create(
        variant_id="bench",
        defaults={
            "name": "Circle", "product_id": "UHJvZHVjdDox", "period": "P1M", "created_at": now, "updated_at": now,
            "sign_in_url": "https://shop.example/help",
        },
    )  # fmt: skip
    first = User.objects.count()
    for at in range(number):
        name, street, city, postal_code, country, area, language = PEOPLE[at % len(PEOPLE)]
        user = User.objects.create(
            email=f"letter{first + at}@example.com", password="!", first_name=f"{name} {at}", language_code=language
        )
        Address.objects.create(
            user=user, first_name=name, last_name=str(at), street_address_1=street, city=city,
            postal_code=postal_code, country=country, country_area=area,
        )  # fmt: skip
        member = actions.grant(
            user_id=to_global_id("User", user.pk), plan_id=plan.pk, channel=CHANNEL, periods=1, reason="A gift",
            by=by, now=now,
        )  # fmt: skip
        letters.create(membership_id=member.pk, by=by, now=now)


def batch(number: int) -> dict[str, Any]:
    from django.utils import timezone

    from benchmarks.inside.targets import CHANNEL
    from saleor_livesales.letters import actions, batches, vault
    from saleor_livesales.members.actors import By

    members(number)
    made = actions.batch(channel=CHANNEL, by=By(kind="staff", user_id="VXNlcjox"), now=timezone.now())
    sizes: list[int] = []
    put = vault.put

    def counted(batch_id: Any, secret: bytes, kind: Any, data: bytes) -> None:
        sizes.append(len(data))
        put(batch_id, secret, kind, data)

    vault.put = counted
    began = time.perf_counter()
    batches.work(now=timezone.now())
    drawn = time.perf_counter() - began
    vault.put = put
    made.refresh_from_db()
    if (made.state, made.drawn) != ("ready", number):
        raise RuntimeError(f"The batch is {made.state} with {made.drawn} letters: {made.error}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"drawn": drawn, "bytes": max(sizes), "peak": peak}


def main() -> int:
    django.setup()
    print(json.dumps("ready"), flush=True)
    for _ in sys.stdin:
        print(json.dumps(batch(int(sys.argv[1]))), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
