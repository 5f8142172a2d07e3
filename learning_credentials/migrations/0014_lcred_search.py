import learning_credentials.models.fields
from django.conf import settings
from django.db import migrations, models

from learning_credentials.folding import fold

BATCH_SIZE = 500


def fill(apps, schema_editor):
    """Fold the names of the credentials that there are, batch by batch."""
    rows = apps.get_model("learning_credentials", "Credential").objects.using(schema_editor.connection.alias)
    last = None
    while True:
        left = rows.filter(pk__gt=last) if last else rows.all()
        batch = list(left.order_by("pk").only("pk", "user_full_name")[:BATCH_SIZE])
        if not batch:
            return
        for row in batch:
            row.search_name = fold(row.user_full_name)
        rows.bulk_update(batch, ["search_name"])
        last = batch[-1].pk


class Migration(migrations.Migration):

    dependencies = [
        ('learning_credentials', '0013_lcred_criteria'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='credential',
            name='lcred_credential_name',
        ),
        migrations.AddField(
            model_name='credential',
            name='search_name',
            field=learning_credentials.models.fields.FoldedField(blank=True, default='', editable=False, max_length=255, source='user_full_name'),
        ),
        migrations.AddIndex(
            model_name='credential',
            index=models.Index(fields=['search_name'], name='lcred_credential_search', opclasses=('varchar_pattern_ops',)),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
