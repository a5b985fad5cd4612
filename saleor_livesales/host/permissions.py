"""Our two permissions, where Saleor looks for permissions.

Imported by ``saleor_livesales.models`` when Saleor is the host: ``PermissionEnum`` of the API is built before plugin
modules and ``AppConfig.ready()`` are reached, so the models phase is the only time that works. The rows come from
``Meta.permissions`` of our models.
"""

from saleor.permission.enums import PERMISSIONS_ENUMS, BasePermissionEnum


class LiveSalesPermissions(BasePermissionEnum):
    HANDLE_LIVE_SALES = "saleor_livesales.handle_live_sales"
    MANAGE_LIVE_SALES = "saleor_livesales.manage_live_sales"


if LiveSalesPermissions not in PERMISSIONS_ENUMS:
    PERMISSIONS_ENUMS.append(LiveSalesPermissions)
