import django.db.models.deletion
import django.utils.timezone
import learning_credentials.models.fields
import learning_credentials.periods
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('learning_credentials', '0017_lcred_skipped'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='coursecertificate',
            options={'ordering': ('course_key',), 'verbose_name': 'certificate settings', 'verbose_name_plural': 'certificate settings'},
        ),
        migrations.AlterField(
            model_name='allowlistentry',
            name='configuration',
            field=models.ForeignKey(blank=True, help_text='Empty if the entry is about the course certificate of the run.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='allowlist_entries', to='learning_credentials.credentialconfiguration', verbose_name='configuration'),
        ),
        migrations.AlterField(
            model_name='certificateevent',
            name='field',
            field=models.CharField(help_text='The value that changed.', max_length=32, verbose_name='changed'),
        ),
        migrations.AlterField(
            model_name='certificateevent',
            name='subject',
            field=models.CharField(choices=[('course_certificate', 'certificate settings'), ('standing', 'standing'), ('allowlist', 'allowlist'), ('invalidation', 'invalidation')], max_length=20, verbose_name='what'),
        ),
        migrations.AlterField(
            model_name='coursecertificate',
            name='allows_self_generation',
            field=models.BooleanField(default=False, help_text='Whether learners can request their course certificate themselves.', verbose_name='self-generation'),
        ),
        migrations.AlterField(
            model_name='coursecertificate',
            name='available_date',
            field=models.DateTimeField(blank=True, help_text='The credentials of this run are visible from this time on. Leave empty if they are always visible.', null=True, verbose_name='available date'),
        ),
        migrations.AlterField(
            model_name='coursecertificate',
            name='is_active',
            field=models.BooleanField(default=True, help_text='Whether this run issues course certificates.', verbose_name='active'),
        ),
        migrations.AlterField(
            model_name='credential',
            name='achievement',
            field=models.JSONField(blank=True, default=dict, help_text='What the badge says about the achievement: description, criteria, and the slug of the image.', verbose_name='achievement'),
        ),
        migrations.AlterField(
            model_name='credential',
            name='blocks_reissue',
            field=models.BooleanField(default=False, help_text='The learner gets no new credential until this block is lifted.', verbose_name='blocks reissue'),
        ),
        migrations.AlterField(
            model_name='credential',
            name='date_override',
            field=models.DateField(blank=True, help_text='The date that is shown instead of the date of issue. Empty if staff have set none.', null=True, verbose_name='date override'),
        ),
        migrations.AlterField(
            model_name='credential',
            name='invalidation_reason',
            field=models.TextField(blank=True, default='', verbose_name='reason for the invalidation'),
        ),
        migrations.AlterField(
            model_name='credential',
            name='is_indexable',
            field=models.BooleanField(default=False, help_text='Whether the learner allows search engines to list the public page.', verbose_name='found by search engines'),
        ),
        migrations.AlterField(
            model_name='credential',
            name='is_renewal',
            field=models.BooleanField(default=False, editable=False, help_text='Whether this credential renews an expired one. The expired one stays available.', verbose_name='renewal'),
        ),
        migrations.AlterField(
            model_name='credentialasset',
            name='slug',
            field=models.SlugField(help_text='The name that options use for the asset.', max_length=100, unique=True, verbose_name='slug'),
        ),
        migrations.AlterField(
            model_name='credentialconfiguration',
            name='allow_self_generation',
            field=models.BooleanField(default=False, help_text='Whether eligible learners can request the credential themselves.', verbose_name='self-generation'),
        ),
        migrations.AlterField(
            model_name='credentialconfiguration',
            name='criteria',
            field=models.TextField(blank=True, help_text="What a learner must do to earn it here, such as “At least 80 % of the course completed.” Enter a text if the options above have other criteria than the type. Leave empty to use the type's.", verbose_name='criteria'),
        ),
        migrations.AlterField(
            model_name='credentialconfiguration',
            name='custom_options',
            field=models.JSONField(blank=True, default=dict, help_text="Options that override the type's, as a JSON object. Nested objects are merged.", verbose_name='options'),
        ),
        migrations.AlterField(
            model_name='credentialconfiguration',
            name='has_awarded',
            field=models.BooleanField(default=False, editable=False, verbose_name='has issued credentials'),
        ),
        migrations.AlterField(
            model_name='credentialconfiguration',
            name='interval',
            field=learning_credentials.models.fields.PeriodField(default=learning_credentials.periods.Period(days=1), help_text='How often the schedule looks for learners who are now eligible, such as “12 hours” or “1 week”.', max_length=100, maximum=learning_credentials.periods.Period(years=1), minimum=learning_credentials.periods.Period(minutes=1), verbose_name='interval'),
        ),
        migrations.AlterField(
            model_name='credentialconfiguration',
            name='is_enabled',
            field=models.BooleanField(default=False, help_text='Whether the schedule issues credentials.', verbose_name='enabled'),
        ),
        migrations.AlterField(
            model_name='credentialconfiguration',
            name='next_run_at',
            field=models.DateTimeField(blank=True, db_index=True, help_text='Leave empty to run at the next tick.', null=True, verbose_name='next run'),
        ),
        migrations.AlterField(
            model_name='credentialtype',
            name='badge_shows_results',
            field=models.BooleanField(default=False, help_text='Whether the badge contains the grade or the completion.', verbose_name='badge shows results'),
        ),
        migrations.AlterField(
            model_name='credentialtype',
            name='criteria',
            field=models.TextField(blank=True, help_text='What a learner must do to earn it.', verbose_name='criteria'),
        ),
        migrations.AlterField(
            model_name='credentialtype',
            name='download_policy',
            field=models.CharField(choices=[('public', 'anyone'), ('owner', 'the learner and staff')], default='public', help_text='Who can download the file from the public page.', max_length=10, verbose_name='downloads'),
        ),
        migrations.AlterField(
            model_name='credentialtype',
            name='has_awarded',
            field=models.BooleanField(default=False, editable=False, verbose_name='has issued credentials'),
        ),
        migrations.AlterField(
            model_name='credentialtype',
            name='image',
            field=models.ForeignKey(blank=True, help_text='A badge image from the assets. The badge and the public page show it. Leave empty to use the built-in image.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='learning_credentials.credentialasset', verbose_name='badge image'),
        ),
        migrations.AlterField(
            model_name='credentialtype',
            name='page_options',
            field=models.JSONField(blank=True, default=dict, help_text='How the public page looks, as a JSON object. The documentation lists the page options.', verbose_name='page options'),
        ),
        migrations.AlterField(
            model_name='credentialtype',
            name='valid_for',
            field=learning_credentials.models.fields.PeriodField(blank=True, help_text='How long a credential is valid after its issue, such as “1 year”, “18 months” or “90 days”. Leave empty if it never expires.', max_length=100, maximum=learning_credentials.periods.Period(years=100), minimum=learning_credentials.periods.Period(days=1), null=True, verbose_name='valid for'),
        ),
        migrations.AlterField(
            model_name='examplecredential',
            name='inputs',
            field=models.JSONField(default=dict, help_text='The functions, the merged options and the texts that the example was made from.', verbose_name='inputs'),
        ),
        migrations.AlterField(
            model_name='generationrun',
            name='requested_by',
            field=models.ForeignKey(blank=True, help_text='Empty if the schedule started the run.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='requested by'),
        ),
        migrations.AlterField(
            model_name='hostmessage',
            name='context_key',
            field=learning_credentials.models.fields.KeyField(blank=True, default='', help_text='Empty if the message is about all runs of the learners.', max_length=255, verbose_name='course run'),
        ),
        migrations.AlterField(
            model_name='hostmessage',
            name='next_attempt_at',
            field=models.DateTimeField(blank=True, default=django.utils.timezone.now, help_text='Empty if the app has given up. Staff must then retry or discard the message.', null=True, verbose_name='next attempt'),
        ),
        migrations.AlterField(
            model_name='statuslist',
            name='allocated',
            field=models.PositiveIntegerField(default=0, editable=False, verbose_name='used places'),
        ),
        migrations.AlterField(
            model_name='statuslist',
            name='closed_at',
            field=models.DateTimeField(editable=False, help_text='New credentials get no place in a closed list.', null=True, verbose_name='closed'),
        ),
        migrations.AlterField(
            model_name='statuslist',
            name='is_mirrored',
            field=models.BooleanField(default=True, editable=False, help_text='Each place has two bits. Verifiers that count the bits of a byte from the other end then read the same status.', verbose_name='mirrored'),
        ),
        migrations.AlterField(
            model_name='statuslist',
            name='version',
            field=models.PositiveIntegerField(default=1, editable=False, help_text='Increases each time a credential of the list is revoked.', verbose_name='version'),
        ),
        migrations.AlterField(
            model_name='strayplace',
            name='file_names',
            field=models.JSONField(blank=True, default=list, help_text='Names that were chosen before the files were stored. Used if the storage cannot list a directory.', verbose_name='files'),
        ),
    ]
