"""Periods of the calendar in the place of durations.

A validity of 365 days stays one of 365 days. A validity of more than 100 years becomes 100 years. One of less than a day is kept as it
is, also if it is negative: nothing is issued with it (``validity_out_of_range``) until staff enter a period, and ``manage.py check
--database default`` names the types. An interval that is too short or too long becomes the shortest or longest that is allowed.
"""

from datetime import timedelta

import learning_credentials.models.fields
from django.db import migrations
from learning_credentials.periods import Period

BOUNDS = {
    "valid_for": {"minimum": Period(days=1), "maximum": Period(years=100)},
    "interval": {"minimum": Period(minutes=1), "maximum": Period(years=1)},
}
COLUMNS = (("CredentialType", "valid_for"), ("CredentialConfiguration", "interval"))


def convert(apps, schema_editor):
    for model_name, name in COLUMNS:
        rows = apps.get_model("learning_credentials", model_name).objects.using(schema_editor.connection.alias)
        for duration in list(rows.order_by().exclude(**{name: None}).values_list(name, flat=True).distinct()):
            rows.filter(**{name: duration}).update(**{f"{name}_period": as_period(name, duration)})


def as_period(name, duration):
    period = Period.from_timedelta(duration)
    minimum, maximum = BOUNDS[name]["minimum"], BOUNDS[name]["maximum"]
    if period.is_within(minimum, maximum):
        return period
    if duration > timedelta(days=1):
        return maximum
    return minimum if name == "interval" else period


def revert(apps, schema_editor):
    """Durations have no months and years: those become days, a year at most 366."""
    for model_name, name in COLUMNS:
        rows = apps.get_model("learning_credentials", model_name).objects.using(schema_editor.connection.alias)
        column = f"{name}_period"
        for period in list(rows.order_by().exclude(**{column: None}).values_list(column, flat=True).distinct()):
            rows.filter(**{column: period}).update(**{name: period.get_length()})


def make_field(name, **kwargs):
    return learning_credentials.models.fields.PeriodField(**BOUNDS[name], **kwargs)


class Migration(migrations.Migration):
    dependencies = [("learning_credentials", "0005_lcred_trust")]

    operations = [
        migrations.AddField("CredentialType", "valid_for_period", make_field("valid_for", null=True)),
        migrations.AddField("CredentialConfiguration", "interval_period", make_field("interval", default=Period(days=1))),
        migrations.RunPython(convert, revert),
        migrations.RemoveField("CredentialType", "valid_for"),
        migrations.RemoveField("CredentialConfiguration", "interval"),
        migrations.RenameField("CredentialType", "valid_for_period", "valid_for"),
        migrations.RenameField("CredentialConfiguration", "interval_period", "interval"),
        migrations.AlterField(
            "CredentialType",
            "valid_for",
            make_field(
                "valid_for",
                null=True,
                blank=True,
                verbose_name="valid for",
                help_text=(
                    "How long a credential holds from its issue, such as “1 year”, “18 months” or “90 days”. "
                    "Leave empty if it never expires."
                ),
            ),
        ),
        migrations.AlterField(
            "CredentialConfiguration",
            "interval",
            make_field(
                "interval",
                default=Period(days=1),
                verbose_name="interval",
                help_text=(
                    "How often the schedule looks for learners who became eligible, such as “12 hours” or “1 week”."
                ),
            ),
        ),
    ]
