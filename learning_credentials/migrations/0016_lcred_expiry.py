from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('learning_credentials', '0015_lcred_key_forms'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='credential',
            index=models.Index(fields=['status', 'expires_at'], name='lcred_credential_expiry'),
        ),
    ]
