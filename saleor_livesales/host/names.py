"""What the plugin, the Dashboard's rows and the addresses are called."""

from typing import Final

PLUGIN_ID: Final = "saleor.livesales"
PLUGIN_NAME: Final = "Live sales"
PAYMENTS_ID: Final = f"{PLUGIN_ID}.payments"
PAYMENTS_NAME: Final = "Live sales payments"
PATH: Final = f"/plugins/{PLUGIN_ID}"  # under the address of Saleor's API
CONSOLE: Final = f"{PATH}/console/"
DESK: Final = "/desk"  # under CONSOLE: the Dashboard joins the App's address and the extension's
SETTINGS: Final = "/settings"
REFUNDS: Final = "webhooks/saleor/refunds/"  # under PATH
