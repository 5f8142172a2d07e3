from django.db import migrations, models


class Migration(migrations.Migration):
    """E-mails are held until a time, instead of claimed since one. Claims that stand from before are free at once."""

    dependencies = [
        ('learning_credentials', '0008_lcred_messages'),
    ]

    operations = [
        migrations.RenameField(
            model_name='credential',
            old_name='notification_claimed_at',
            new_name='notification_held_until',
        ),
        migrations.AlterField(
            model_name='credential',
            name='notification_held_until',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='next try to e-mail'),
        ),
        migrations.AddField(
            model_name='credential',
            name='notification_attempts',
            field=models.PositiveSmallIntegerField(default=0, editable=False, verbose_name='failed e-mails'),
        ),
        migrations.AddField(
            model_name='credential',
            name='notification_error',
            field=models.CharField(blank=True, default='', editable=False, max_length=500, verbose_name='e-mail failed with'),
        ),
    ]
