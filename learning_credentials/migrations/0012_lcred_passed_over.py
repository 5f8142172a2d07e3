from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("learning_credentials", "0011_lcred_strays"),
    ]

    operations = [
        migrations.AddField(
            model_name="generationrun",
            name="passed_over",
            field=models.PositiveIntegerField(default=0, verbose_name="passed over"),
        ),
        migrations.AddField(
            model_name="generationrun",
            name="passed_over_detail",
            field=models.JSONField(default=dict, editable=False),
        ),
    ]
