"""What the shop may report in the second lane.

Orders: ``object_id`` is the order's global id, the payload ``{"user_id": id or None, "checkout_id": id or None}``.
Customers and accounts: ``object_id`` is the user's global id, the payload empty: what is worth knowing is read from the
shop when the event is worked off, so that the inbox holds no personal data and an old event brings no old name back.
"""

from typing import Final

ORDER_CREATED: Final = "order_created"
ORDER_FULLY_PAID: Final = "order_fully_paid"
ORDER_CANCELLED: Final = "order_cancelled"
ORDER_REFUNDED: Final = "order_refunded"
CUSTOMER_CREATED: Final = "customer_created"
CUSTOMER_UPDATED: Final = "customer_updated"
CUSTOMER_DELETED: Final = "customer_deleted"
ACCOUNT_DELETED: Final = "account_deleted"

ORDER_KINDS: Final = frozenset({ORDER_CREATED, ORDER_FULLY_PAID, ORDER_CANCELLED, ORDER_REFUNDED})
KINDS: Final = ORDER_KINDS | {CUSTOMER_CREATED, CUSTOMER_UPDATED, CUSTOMER_DELETED, ACCOUNT_DELETED}
