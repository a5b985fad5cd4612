"""Removes our rows from Saleor's tables, so that Saleor works without this package as it did before."""

from __future__ import annotations

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import transaction
from saleor.core.db.connection import allow_writer
from saleor.permission.models import Permission
from saleor.plugins.models import PluginConfiguration

from . import registration
from .names import PLUGIN_ID

LABEL = "saleor_livesales"


def uninstall(*, drop_tables: bool) -> list[str]:
    """Does it, and returns a line for each thing done. Doing it again changes nothing.

    The permissions matter most: Saleor can't show a permission group that holds one which no installed code declares.
    Our tables stay unless told otherwise; nothing of Saleor's refers to them.
    """
    done = []
    with allow_writer():
        with transaction.atomic():
            PluginConfiguration.objects.filter(identifier=PLUGIN_ID).delete()
            registration.remove()
            done.append("The plugin's settings and the Dashboard's entries are removed.")
            types = ContentType.objects.filter(app_label=LABEL)
            Permission.objects.filter(content_type__in=types).delete()
            types.delete()
            done.append("The permissions are taken from all groups and removed.")
            if apps.is_installed("django_celery_beat"):
                from django_celery_beat.models import PeriodicTask, PeriodicTasks

                PeriodicTask.objects.filter(task__startswith="livesales.").delete()
                PeriodicTasks.update_changed()
                done.append("The scheduled tasks are removed.")
        if drop_tables:
            call_command("migrate", LABEL, "zero", interactive=False, verbosity=0)
            # Django made types and permissions again, for the tables that are just gone.
            types = ContentType.objects.filter(app_label=LABEL)
            Permission.objects.filter(content_type__in=types).delete()
            types.delete()
            done.append("Our tables are dropped.")
        done.append("Now run `pip uninstall saleor-livesales`, and start Saleor's processes anew.")
    return done
