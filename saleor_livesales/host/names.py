"""What the plugin, the Dashboard's rows and the addresses are called."""

from typing import Final

PLUGIN_ID: Final = "saleor.livesales"
PLUGIN_NAME: Final = "Live sales"
PATH: Final = f"/plugins/{PLUGIN_ID}"  # under the address of Saleor's API
DESK: Final = f"{PATH}/console/"
SETTINGS: Final = f"{PATH}/console/settings"
