"""A shop's history in bulk: ``fill`` makes as many sessions as wanted and the rest in proportion, by SQL alone.

Of each 100 sessions 12 wait and 12 are talked in, up to 1,000 of each; the others have ended, spread over the last 90
days. For each 100 sessions: 200 visitors with a visit each, a tenth of them on the site now and a tenth with an account
and a cart, and a membership; 800 entries, 200 decisions, 100 offers (one open), 10 inquiries. A rep for 10 open
conversations, two at least; all of them are full, or somebody would not wait.

Everything is made from the row's number, so that two fillings of one size are the same but for the moment. Moments lie
in the past of ``now()``; a session, lease or offer that is open stays so for a day.
"""

from __future__ import annotations

from typing import Any, Final, LiteralString

# Ids grow with the number, as version 7 ones do with time. Dropped again at the end.
_FUNCTIONS: Final = """
CREATE FUNCTION bench_id(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT ('019' || lpad(to_hex(n), 9, '0') || '70008' || lpad('', 15, '0'))::uuid $$;
CREATE FUNCTION bench_gid(kind text, key text) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT encode(convert_to(kind || ':' || key, 'UTF8'), 'base64') $$;
"""
_DROP: Final = "DROP FUNCTION bench_id(bigint); DROP FUNCTION bench_gid(text, text)"

# Accounts and checkouts of the stand-in shop, which visitors refer to. %(accounts)s are after those that are there.
SHOP: Final[LiteralString] = """
INSERT INTO shop_user (id, password, email, first_name, last_name, is_staff, is_active, is_superuser, jwt_token_key,
    language_code, avatar, date_joined, updated_at)
SELECT 1000 + n, '!', 'customer' || n || '@example.com', 'Customer', 'No. ' || n, false, true, false, 'k', 'en',
    '', now() - interval '1 year', now() FROM generate_series(1, %(accounts)s) n;
INSERT INTO shop_order (id, number, channel_id, user_id, user_email, checkout_token, status, charge_status,
    refunded_amount, currency, total_gross_amount, created_at, updated_at)
SELECT bench_id(n), 100000 + n, (SELECT id FROM shop_channel WHERE slug = 'default-channel'), 1000 + n, '', '',
    'fulfilled', 'full', 0, 'USD', 100 + n %% 400,
    now() - interval '10 days', now() - interval '10 days' FROM generate_series(1, %(accounts)s) n;
INSERT INTO shop_checkout (token, channel_id, created_at, updated_at)
SELECT bench_id(n), (SELECT id FROM shop_channel WHERE slug = 'default-channel'), now(), now()
    FROM generate_series(1, %(carts)s) n;
INSERT INTO shop_checkoutline (id, checkout_id, variant_id, quantity, created_at)
SELECT bench_id(n), bench_id(n), (SELECT min(id) FROM shop_productvariant), 2, now()
    FROM generate_series(1, %(carts)s) n;
"""

OURS: Final[LiteralString] = """
INSERT INTO saleor_livesales_rep (id, user_id, name, status, capacity, load, lease_until)
SELECT bench_id(n), bench_gid('User', (5000000 + n)::text), 'Rep ' || n, 'online', 12, 0, now() + interval '1 day'
    FROM generate_series(2, %(reps)s) n;
INSERT INTO saleor_livesales_rep (id, user_id, name, status, capacity, load, lease_until)
SELECT bench_id(1), %(rep_user)s, 'Robin Rep', 'online', 12, 0, now() + interval '1 day';

INSERT INTO saleor_livesales_visitor (id, user_id, name, assurance, created_at)
SELECT bench_id(n), CASE WHEN n %% 10 = 9 THEN bench_gid('User', (1000 + n / 10 + 1)::text) END,
    CASE WHEN n %% 10 = 9 THEN 'Customer No. ' || n / 10 + 1 ELSE '' END,
    CASE WHEN n %% 10 = 9 THEN 'signed_in' WHEN n %% 2 = 0 THEN 'cookie' ELSE 'anonymous' END,
    now() - interval '90 days' * (1 - n::float / %(visitors)s) FROM generate_series(1, %(visitors)s) n;
INSERT INTO saleor_livesales_visitorlink (id, visitor_id, user_id, linked, reason, at)
SELECT bench_id(n), bench_id(n), bench_gid('User', (1000 + n / 10 + 1)::text), true, 'signed_in', now()
    FROM generate_series(9, %(visitors)s, 10) n;
INSERT INTO saleor_livesales_visitorcheckout (checkout_id, visitor_id, claimed_at)
SELECT bench_gid('Checkout', bench_id(n / 10 + 1)::text), bench_id(n), now()
    FROM generate_series(9, %(visitors)s, 10) n;

-- The current visit of everybody, and a former one of every second. Who waits or talks is on the site as well.
INSERT INTO saleor_livesales_visit (id, visitor_id, channel, started_at, last_seen_at, online, current, last_event_id,
    page_url, page_title, product_id, variant_id, checkout_id, cart_total, currency, facts)
SELECT bench_id(n), bench_id(v), 'default-channel', moment - interval '10 minutes', moment, here, now_, '1-0',
    'https://shop.example/p/' || n %% 50, 'Product ' || n %% 50, bench_gid('Product', (1 + n %% 5)::text), NULL,
    CASE WHEN v %% 10 = 9 THEN bench_gid('Checkout', bench_id(v / 10 + 1)::text) END,
    CASE WHEN v %% 10 = 9 THEN 200 END, CASE WHEN v %% 10 = 9 THEN 'USD' ELSE '' END,
    jsonb_build_object('visitor', bench_id(v), 'visit', bench_id(n), 'last_event_id', '1-0', 'visits', 1,
        'page_url', 'https://shop.example/p/' || n %% 50, 'trail', '[]'::jsonb)
FROM (
    SELECT n, v, now_, here, CASE WHEN here THEN now() - interval '30 seconds' * random()
        ELSE now() - interval '1 hour' - interval '90 days' * (1 - v::float / %(visitors)s) END AS moment
    FROM (
        SELECT n, CASE WHEN n > %(visitors)s THEN (n - %(visitors)s) * 2 ELSE n END AS v, n <= %(visitors)s AS now_,
            n <= %(visitors)s AND (n %% 20 IN (1, 9)
                OR n > %(sessions)s - %(waiting)s - %(talking)s AND n <= %(sessions)s) AS here
        FROM generate_series(1, %(visitors)s * 3 / 2) n
    ) numbered
) placed;

-- Session n is visitor n's; the last ones wait, those before are talked in, and these had an earlier one.
INSERT INTO saleor_livesales_session (id, visitor_id, rep_id, channel, form, state, end_reason, product_id, checkout_id,
    last_number, visitor_read, rep_read, rung, created_at, queued_at, accepted_at, last_message_at, awaiting_since,
    ended_at, due_at)
SELECT bench_id(n), bench_id(v),
    CASE WHEN state = 'queued' THEN NULL ELSE bench_id(1 + (%(sessions)s - %(waiting)s - n) / 10 %% %(reps)s) END,
    'default-channel', 'chat', state, CASE WHEN state = 'ended' THEN 'rep' ELSE '' END,
    bench_gid('Product', (1 + n %% 5)::text),
    CASE WHEN v %% 10 = 9 THEN bench_gid('Checkout', bench_id(v / 10 + 1)::text) END,
    8, 8, 8, '[]', began, began, CASE WHEN state <> 'queued' THEN began END,
    CASE WHEN state = 'queued' THEN now() ELSE began END, CASE WHEN state <> 'ended' AND n %% 2 = 0 THEN began END,
    CASE WHEN state = 'ended' THEN began + interval '9 minutes' END,
    CASE WHEN state <> 'ended' THEN now() + interval '1 day' END
FROM (
    SELECT n, state, CASE WHEN state = 'ended' AND n <= %(talking)s THEN %(sessions)s - %(waiting)s - %(talking)s + n
        ELSE n END AS v,
        CASE state WHEN 'ended' THEN now() - interval '1 hour' - interval '90 days' * (1 - n::float / %(sessions)s)
            ELSE now() - interval '3 minutes' * ((%(sessions)s - n) %% %(waiting)s + (state = 'active')::int * 0.5)
                / %(waiting)s END AS began
    FROM (
        SELECT n, CASE WHEN n > %(sessions)s - %(waiting)s THEN 'queued'
            WHEN n > %(sessions)s - %(waiting)s - %(talking)s THEN 'active' ELSE 'ended' END AS state
        FROM generate_series(1, %(sessions)s) n
    ) numbered
) placed;
UPDATE saleor_livesales_rep r SET load = (
    SELECT count(*) FROM saleor_livesales_session s WHERE s.rep_id = r.id AND s.state = 'active'
);
UPDATE saleor_livesales_rep SET capacity = greatest(load, 1), status = CASE WHEN load = 0 THEN 'away' ELSE 'online' END;

INSERT INTO saleor_livesales_entry (session_id, number, kind, sender, sender_id, key, text, data, at)
SELECT s.id, k, CASE WHEN k <= 2 THEN 'state' ELSE 'message' END,
    CASE WHEN k <= 2 THEN 'system' WHEN k %% 2 = 1 THEN 'visitor' ELSE 'rep' END,
    CASE WHEN k > 2 THEN CASE WHEN k %% 2 = 1 THEN s.visitor_id ELSE coalesce(s.rep_id, s.visitor_id) END END,
    CASE WHEN k > 2 THEN bench_id(k) END,
    CASE WHEN k > 2 THEN 'A message of some twenty words, as people write them when they ask for something: ' || k
        ELSE '' END,
    CASE WHEN k = 1 THEN '{"from": "requested", "to": "queued", "form": "chat"}'::jsonb ELSE '{}' END,
    s.created_at + k * interval '1 second'
FROM saleor_livesales_session s CROSS JOIN generate_series(1, 8) k ORDER BY s.created_at, k;

-- Every third visitor has rated its session, and half of the others put the question away.
INSERT INTO saleor_livesales_rating (session_id, rep_id, score, comment, rated_at, changed_at)
SELECT id, rep_id, CASE WHEN place %% 3 = 0 THEN 5 - (place %% 30 = 0)::int * 4 END,
    CASE WHEN place %% 6 = 0 THEN 'She knew all about it.' ELSE '' END, ended_at, ended_at
FROM (SELECT s.*, row_number() OVER (ORDER BY created_at) AS place FROM saleor_livesales_session s
    WHERE state = 'ended') ended WHERE place %% 3 < 2;

INSERT INTO saleor_livesales_offer (id, visitor_id, visit_id, channel, state, rule, forms, greeting, product_id,
    event_id, created_at, due_at, answered_at)
SELECT bench_id(n), bench_id(n), bench_id(n), 'default-channel',
    CASE WHEN n %% 100 = 1 THEN 'open' WHEN n %% 3 = 0 THEN 'declined' ELSE 'expired' END,
    'price', '["chat"]', 'Hello', bench_gid('Product', (1 + n %% 5)::text), n || '-0', moment,
    CASE WHEN n %% 100 = 1 THEN now() + interval '1 day' ELSE moment + interval '2 minutes' END,
    CASE WHEN n %% 100 = 1 THEN NULL ELSE moment END
FROM (SELECT n, now() - interval '1 hour' - interval '90 days' * (1 - n::float / %(sessions)s) AS moment
    FROM generate_series(1, %(sessions)s) n) placed;

INSERT INTO saleor_livesales_decision (id, at, visitor_id, visit_id, channel, event_id, outcome, rule, reason,
    explanation, facts)
SELECT bench_id(n), now() - interval '1 hour' - interval '90 days' * (1 - n::float / (%(sessions)s * 2)),
    bench_id(1 + (n * 7) %% %(visitors)s), bench_id(1 + (n * 7) %% %(visitors)s), 'default-channel', n || '-0',
    'silence', 'price', 'at_or_below_threshold',
    '[{"rule": "active", "holds": true, "reason": ""}, {"rule": "price", "holds": false, "amount": "12.00"}]',
    '{"visits": 1, "online": true, "channel": "default-channel", "page_url": "https://shop.example/p/1"}'
FROM generate_series(1, %(sessions)s * 2) n;

INSERT INTO saleor_livesales_inquiry (id, visitor_id, channel, key, email, text, created_at, mailed_at, attempts)
SELECT bench_id(n), bench_id(n), 'default-channel', bench_id(n), 'ada' || n || '@example.com',
    'Do you have it in green?', moment, moment, 1
FROM (SELECT n, now() - interval '90 days' * (1 - n::float / %(inquiries)s) AS moment
    FROM generate_series(1, %(inquiries)s) n) placed;

-- Every account is or was a member: a fifth has lapsed, the others have paid for one month of which some is left.
INSERT INTO saleor_livesales_plan (id, name, level, product_id, variant_id, period, trial, grace_days, time_zone,
    payment_url, sign_in_url, active, created_at, updated_at)
VALUES (bench_id(1), 'Circle', 1, bench_gid('Product', '1'), 'bench', 'P1M', '', 5, 'UTC', '', '', true, now(), now());
INSERT INTO saleor_livesales_membership (id, user_id, plan_id, channel, state, term, anchor, period, time_zone,
    grace_days, periods, paid_until, ends_with_period, tried, since, ended_at, due_at, created_at)
SELECT bench_id(n), bench_gid('User', (1000 + n)::text), bench_id(1), 'default-channel',
    CASE WHEN lapsed THEN 'lapsed' ELSE 'active' END, 1, began, 'P1M', 'UTC', 5, 1, began + interval '1 month', false,
    false, began, CASE WHEN lapsed THEN now() - interval '1 day' END,
    CASE WHEN NOT lapsed THEN began + interval '1 month' END, began
FROM (SELECT n, n %% 5 = 0 AS lapsed, now() - CASE WHEN n %% 5 = 0 THEN interval '90 days' ELSE interval '1 day' END
        - interval '20 days' * (1 - n::float / %(accounts)s) AS began FROM generate_series(1, %(accounts)s) n) placed;
INSERT INTO saleor_livesales_charge (id, plan_id, membership_id, kind, order_id, order_number, line_id, channel,
    currency, amount, refunded, periods, returned, shortened, term, created_at, applied_at)
SELECT m.id, m.plan_id, m.id, 'order', bench_gid('Order', m.id::text), '1', m.id::text, m.channel, 'USD', 30, 0, 1, 0,
    0, 1, m.created_at, m.created_at FROM saleor_livesales_membership m;
INSERT INTO saleor_livesales_code (id, key_id, digest, hint, state, purpose, holder_kind, holder_id, opens_kind,
    opens_id, channel, valid_from, valid_until, max_uses, uses, created_at)
SELECT m.id, 'bench', sha256(m.id::text::bytea), '9T', 'issued', 'sign_in', 'member', m.id::text, 'member', m.id::text,
    '', m.anchor, m.paid_until + interval '12 days', 10, 0, m.created_at
    FROM saleor_livesales_membership m WHERE m.state = 'active';
INSERT INTO saleor_livesales_membercode (id, membership_id, code_id, term, number, created_at, reason, mail_state,
    language, attempts, error, sent_at, provider_id)
SELECT m.id, m.id, m.id, 1, 1, m.created_at, '', 'sent', 'en', 1, '', m.created_at, ''
    FROM saleor_livesales_membership m WHERE m.state = 'active';
INSERT INTO saleor_livesales_membershipchange (id, membership_id, kind, before, after, paid_until, actor,
    actor_user_id, reason, charge_id, at)
SELECT m.id, m.id, 'pay', 'new', 'active', m.paid_until, 'shop', '', '', m.id, m.created_at
    FROM saleor_livesales_membership m;

INSERT INTO saleor_livesales_shopevent (id, kind, object_id, payload, source, created_at, done_at, attempts, error)
SELECT bench_id(n), 'order_created', bench_gid('Order', bench_id(n)::text), '{}', 'hook', now() - interval '1 day',
    now(), 0, '' FROM generate_series(1, %(sessions)s) n;
INSERT INTO saleor_livesales_shoporder (order_id, user_id, created_seen, paid_seen, cancelled_seen, refunded_seen,
    changed_at)
SELECT bench_gid('Order', bench_id(n)::text), bench_gid('User', (1000 + n)::text), true, true, false, false, now()
    FROM generate_series(1, %(sessions)s) n;
"""


def counts(sessions: int) -> dict[str, int]:
    """How many of each there are for so many sessions."""
    part = min(max(1, sessions * 12 // 100), 1_000)
    return {
        "sessions": sessions,
        "waiting": part,
        "talking": part,
        "visitors": sessions * 2,
        "reps": max(2, -(-part // 10)),
        "accounts": max(1, sessions * 2 // 10),
        "carts": max(1, sessions * 2 // 10),
        "inquiries": max(5, sessions // 10),
    }


def fill(connection: Any, *, sessions: int, rep_user: str, shop: bool) -> None:
    """Fill the tables, which are empty, through a psycopg connection in autocommit mode, and analyse them.

    ``rep_user`` is the account of the first rep. ``shop``: the stand-in shop's own rows as well.
    """
    numbers: dict[str, Any] = {**counts(sessions), "rep_user": rep_user}
    with connection.cursor() as cursor:
        cursor.execute(_FUNCTIONS)
        for part in (SHOP, OURS) if shop else (OURS,):
            for statement in filter(None, map(str.strip, part.split(";\n"))):
                cursor.execute(statement, numbers)
        cursor.execute(_DROP)
        cursor.execute("ANALYZE")
