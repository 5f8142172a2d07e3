import django.db.models.deletion
import django.utils.timezone
import model_utils.fields
from django.db import migrations, models
from django.utils import timezone


def close_lists(apps, schema_editor):
    """Hand out no more places from lists whose places have one bit, so that every new badge gets a mirrored pair."""
    status_list = apps.get_model('learning_credentials', 'StatusList')
    status_list.objects.using(schema_editor.connection.alias).filter(is_mirrored=False).update(closed_at=timezone.now())


class Migration(migrations.Migration):
    """Status lists whose places have two mirrored bits. Existing lists keep their bits, and are closed for new places.

    And what a restored backup must not take with it: the addresses under which the site publishes status lists, places of lost
    credentials, and revocations that are to be written into the log.
    """

    dependencies = [
        ('learning_credentials', '0004_lcred_indexes'),
    ]

    operations = [
        migrations.CreateModel(
            name='BadgeAddress',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created', model_utils.fields.AutoCreatedField(default=django.utils.timezone.now, editable=False, verbose_name='created')),
                ('modified', model_utils.fields.AutoLastModifiedField(default=django.utils.timezone.now, editable=False, verbose_name='modified')),
                ('base_url', models.CharField(max_length=255, unique=True, verbose_name='address')),
            ],
            options={
                'verbose_name': 'address of badges',
                'verbose_name_plural': 'addresses of badges',
                'db_table': 'lcred_badge_address',
                'ordering': ('created', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='RevokedPlace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created', model_utils.fields.AutoCreatedField(default=django.utils.timezone.now, editable=False, verbose_name='created')),
                ('modified', model_utils.fields.AutoLastModifiedField(default=django.utils.timezone.now, editable=False, verbose_name='modified')),
                ('index', models.PositiveIntegerField(verbose_name='place in the status list')),
                ('status_list', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='revoked_places', to='learning_credentials.statuslist', verbose_name='status list')),
            ],
            options={
                'verbose_name': 'revoked place',
                'verbose_name_plural': 'revoked places',
                'db_table': 'lcred_revoked_place',
                'ordering': ('pk',),
                'constraints': [models.UniqueConstraint(fields=('status_list', 'index'), name='lcred_revoked_place_once')],
            },
        ),
        migrations.CreateModel(
            name='UnloggedRevocation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('credential', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='learning_credentials.credential')),
            ],
            options={
                'verbose_name': 'revocation to be logged',
                'verbose_name_plural': 'revocations to be logged',
                'db_table': 'lcred_unlogged_revocation',
                'ordering': ('pk',),
            },
        ),
        migrations.AlterModelOptions(
            name='statuslist',
            options={'ordering': ('created', 'pk'), 'verbose_name': 'status list', 'verbose_name_plural': 'status lists'},
        ),
        # Existing lists are not mirrored.
        migrations.AddField(
            model_name='statuslist',
            name='is_mirrored',
            field=models.BooleanField(default=False, editable=False, help_text='Each place has two bits, so that verifiers that count the bits of a byte from the other end read the same status.', verbose_name='mirrored'),
        ),
        migrations.AlterField(
            model_name='statuslist',
            name='is_mirrored',
            field=models.BooleanField(default=True, editable=False, help_text='Each place has two bits, so that verifiers that count the bits of a byte from the other end read the same status.', verbose_name='mirrored'),
        ),
        migrations.AddField(
            model_name='statuslist',
            name='closed_at',
            field=models.DateTimeField(editable=False, help_text='No places are handed out from a closed list.', null=True, verbose_name='closed'),
        ),
        migrations.RunPython(close_lists, migrations.RunPython.noop, elidable=True),
        migrations.RemoveConstraint(
            model_name='statuslist',
            name='lcred_status_list_not_overfull',
        ),
        migrations.AddConstraint(
            model_name='statuslist',
            constraint=models.CheckConstraint(condition=models.Q(('allocated__lte', 65536), models.Q(('allocated__lte', 131072), ('is_mirrored', False)), _connector='OR'), name='lcred_status_list_capacity'),
        ),
    ]
