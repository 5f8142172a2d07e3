from django.db import IntegrityError, migrations, transaction

from learning_credentials.folding import compose
from learning_credentials.models.fields import KeyField

BATCH_SIZE = 500


def compose_keys(apps, schema_editor):
    """Store keys in NFC, the form in which they are looked up from now on. A row whose key exists in that form already stays as it is."""
    alias = schema_editor.connection.alias
    for model in apps.get_app_config("learning_credentials").get_models():
        for field in (field for field in model._meta.fields if isinstance(field, KeyField)):
            compose_column(model.objects.using(alias), field.attname, alias)


def compose_column(rows, name, alias):
    keys = rows.order_by().values_list(name, flat=True).distinct()
    if all(key == compose(key) for key in keys.iterator(BATCH_SIZE)):
        return
    pairs = rows.order_by().values_list("pk", name).iterator(BATCH_SIZE)
    for pk, key in [(pk, key) for pk, key in pairs if key != compose(key)]:
        try:
            with transaction.atomic(using=alias):
                rows.filter(pk=pk).update(**{name: compose(key)})
        except IntegrityError:
            continue


class Migration(migrations.Migration):

    dependencies = [
        ('learning_credentials', '0014_lcred_search'),
    ]

    operations = [
        migrations.RunPython(compose_keys, migrations.RunPython.noop, elidable=True),
    ]
