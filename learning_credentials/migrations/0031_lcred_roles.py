from django.contrib.auth.management import create_permissions
from django.db import migrations

APP = "learning_credentials"
#: What everybody with a role sees.
SEEN = (
    "allowlistentry", "certificateinvalidation", "coursecertificate", "credential", "credentialasset", "credentialconfiguration",
    "credentialtype", "examplecredentialset", "generationrun", "issuer", "learnercertificate", "mailhold", "signatory",
    "typebadgeimage", "typecontext", "typesignatory",
)
READER = tuple(f"view_{name}" for name in SEEN)
ISSUER = (
    *READER, "start_run", "issue_credential", "add_credential", "retry_credential", "send_mail", "download_file", "export_credentials",
    "view_personal_data", "evaluate_learner", "add_allowlistentry",
)
REGISTRAR = (
    *ISSUER, "invalidate_credential", "reissue_credential", "lift_block", "change_dates", "change_allowlistentry",
    "add_certificateinvalidation", "change_certificateinvalidation", "add_coursecertificate", "change_coursecertificate",
    "view_contextgrant",
)
DESIGNER = (
    *READER,
    *(
        f"{action}_{name}"
        for action in ("add", "change")
        for name in ("credentialasset", "credentialconfiguration", "credentialtype", "issuer", "signatory")
    ),
    *(f"{action}_{name}" for action in ("add", "change", "delete") for name in ("typebadgeimage", "typecontext", "typesignatory")),
)
ROLES = {
    "Credentials: reader": READER,
    "Credentials: issuer": ISSUER,
    "Credentials: registrar": REGISTRAR,
    "Credentials: designer": DESIGNER,
}


def make_roles(apps, schema_editor):
    """Make a group for each role. A group that has the name already stays as it is."""
    alias = schema_editor.connection.alias
    # Django makes permissions after the last migration, so they may not be there yet.
    config = apps.get_app_config(APP)
    config.models_module = True  # else Django takes the app for one without models
    create_permissions(config, apps=apps, verbosity=0, using=alias)
    permissions = apps.get_model("auth", "Permission").objects.using(alias).filter(content_type__app_label=APP)
    groups = apps.get_model("auth", "Group").objects.using(alias)
    for name, codenames in ROLES.items():
        group, is_new = groups.get_or_create(name=name)
        if is_new:
            group.permissions.set(permissions.filter(codename__in=codenames))


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
        ('learning_credentials', '0030_lcred_jobs'),
    ]

    operations = [
        migrations.RunPython(make_roles, migrations.RunPython.noop, elidable=True),
    ]
