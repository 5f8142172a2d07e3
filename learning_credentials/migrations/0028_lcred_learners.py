import django.db.models.deletion
import django.utils.timezone
import model_utils.fields
from django.conf import settings
from django.db import migrations, models

INDEX = "lcred_learner_words"


def add_index(apps, schema_editor):
    """Add an index for the beginnings of words. Other databases have none of this kind: they read the table, which has short rows."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            f"CREATE INDEX {INDEX} ON lcred_learner USING gin (array_to_tsvector(string_to_array(ltrim(words), ' ')))"
        )


def remove_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX IF EXISTS {INDEX}")


class Migration(migrations.Migration):

    dependencies = [
        ('learning_credentials', '0027_lcred_webhooks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Learner',
            fields=[
                ('created', model_utils.fields.AutoCreatedField(default=django.utils.timezone.now, editable=False, verbose_name='created')),
                ('modified', model_utils.fields.AutoLastModifiedField(default=django.utils.timezone.now, editable=False, verbose_name='modified')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL, verbose_name='account')),
                ('words', models.CharField(blank=True, default='', editable=False, max_length=500, verbose_name='words')),
            ],
            options={
                'verbose_name': 'learner',
                'verbose_name_plural': 'learners',
                'db_table': 'lcred_learner',
                'ordering': ('pk',),
            },
        ),
        migrations.RunPython(add_index, remove_index),
    ]
