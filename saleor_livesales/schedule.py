"""When beat runs our tasks. ``AppConfig.ready`` puts these entries beside the shop's own. Periods in seconds."""

from typing import Any, Final

SCHEDULE: Final[dict[str, dict[str, Any]]] = {
    "livesales.inbox_work_off": {"task": "livesales.inbox_work_off", "schedule": 15.0},
    "livesales.inbox_sweep": {"task": "livesales.inbox_sweep", "schedule": 300.0},
    "livesales.offers_partitions": {"task": "livesales.offers_partitions", "schedule": 3600.0},
    "livesales.members_clock": {"task": "livesales.members_clock", "schedule": 60.0},
    "livesales.members_orders": {"task": "livesales.members_orders", "schedule": 60.0},
    "livesales.members_renew": {"task": "livesales.members_renew", "schedule": 300.0},
    "livesales.members_fees": {"task": "livesales.members_fees", "schedule": 30.0},
    "livesales.members_fees_sweep": {"task": "livesales.members_fees_sweep", "schedule": 3600.0},
    "livesales.members_codes": {"task": "livesales.members_codes", "schedule": 30.0},
    "livesales.members_reconcile": {"task": "livesales.members_reconcile", "schedule": 86400.0},
    "livesales.codes_expire": {"task": "livesales.codes_expire", "schedule": 300.0},
    "livesales.letters_post": {"task": "livesales.letters_post", "schedule": 30.0},
    "livesales.letters_work": {"task": "livesales.letters_work", "schedule": 10.0},
    "livesales.mail_inquiries": {"task": "livesales.mail_inquiries", "schedule": 30.0},
    "livesales.pictures_sweep": {"task": "livesales.pictures_sweep", "schedule": 600.0},
}
