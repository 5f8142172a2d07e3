"""Marks what credentials were issued by: its type, context, functions and slug can no longer change."""

from django.db import migrations, models
from django.db.models import Exists, OuterRef


def mark_awarded(apps, schema_editor):
    alias = schema_editor.connection.alias
    configurations = apps.get_model("learning_credentials", "CredentialConfiguration").objects.using(alias)
    types = apps.get_model("learning_credentials", "CredentialType").objects.using(alias)
    credentials = apps.get_model("learning_credentials", "Credential").objects.using(alias).order_by()
    configurations.filter(Exists(credentials.filter(configuration=OuterRef("pk")))).update(has_awarded=True)
    awarding = configurations.filter(has_awarded=True).order_by()
    types.filter(Exists(awarding.filter(credential_type=OuterRef("pk")))).update(has_awarded=True)


class Migration(migrations.Migration):
    dependencies = [("learning_credentials", "0006_lcred_periods")]

    operations = [
        migrations.AddField(
            model_name=name,
            name="has_awarded",
            field=models.BooleanField(default=False, editable=False, verbose_name="has awarded"),
        )
        for name in ("credentialconfiguration", "credentialtype")
    ] + [migrations.RunPython(mark_awarded, migrations.RunPython.noop)]
