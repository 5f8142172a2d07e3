from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("learning_credentials", "0016_lcred_expiry"),
    ]

    operations = [
        migrations.RenameField(model_name="generationrun", old_name="passed_over", new_name="skipped"),
        migrations.RenameField(model_name="generationrun", old_name="passed_over_detail", new_name="skipped_detail"),
        migrations.AlterField(
            model_name="generationrun",
            name="skipped",
            field=models.PositiveIntegerField(default=0, verbose_name="skipped"),
        ),
    ]
