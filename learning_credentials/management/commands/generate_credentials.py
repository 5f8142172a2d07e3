"""Issue credentials from the command line, in this process and with a progress bar."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count
from tqdm import tqdm

from learning_credentials.exceptions import CredentialsError
from learning_credentials.folding import compose
from learning_credentials.models import Credential, CredentialConfiguration
from learning_credentials.services.common import get_verification_url
from learning_credentials.services.issuing import issue_credential, issue_pending_credentials, list_eligible_learners

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.core.management.base import CommandParser
    from django.db.models import QuerySet

    from learning_credentials.models import GenerationRun


#: How many user names one query looks up.
NAMES_AT_ONCE = 500


class Command(BaseCommand):
    """``manage.py generate_credentials --all | --configuration ID | --context KEY [--user NAME] [--dry-run]``."""

    help = (
        "Issue credentials to all eligible learners who do not have them yet. The command does the work "
        "itself, without workers."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--all", action="store_true", help="all enabled configurations")
        which.add_argument("--configuration", type=int, metavar="ID", help="one configuration, enabled or not")
        which.add_argument("--context", metavar="KEY", help="all enabled configurations of a learning context")
        parser.add_argument("--user", metavar="NAME", help="only this learner, by user name")
        parser.add_argument("--dry-run", action="store_true", help="only list the credentials that would be issued")

    def handle(self, **options: Any) -> None:
        """Run the chosen configurations one after the other. If one fails, continue with the next."""
        configurations = list(self._choose(options))
        if not configurations:
            if options["configuration"] is not None:
                msg = f"there is no configuration with the id {options['configuration']}"
                raise CommandError(msg)
            raise CommandError(
                "no enabled configuration matches. To use a disabled one, name it with --configuration ID"
            )
        act = self._dry_run if options["dry_run"] else self._issue
        failures = 0
        for configuration in configurations:
            try:
                failures += act(configuration, options["user"])
            except CredentialsError as error:
                self.stderr.write(self.style.ERROR(f"{configuration}: {error.code}: {error}"))
                failures += 1
        if failures:
            msg = f"{failures} failed. The reasons are above"
            raise CommandError(msg)

    def _choose(self, options: dict[str, Any]) -> QuerySet[CredentialConfiguration]:
        rows = CredentialConfiguration.objects.select_related("credential_type").order_by("pk")
        if options["configuration"] is not None:
            return rows.filter(pk=options["configuration"])
        rows = rows.filter(is_enabled=True)
        return rows.filter(learning_context_key=options["context"]) if options["context"] else rows

    def _find_user_id(self, username: str) -> int:
        users = get_user_model()
        user = users.objects.filter(**{f"{users.USERNAME_FIELD}__in": {username, compose(username)}}).first()
        if user is None:
            msg = f"there is no user '{username}'"
            raise CommandError(msg)
        user_id: int = user.pk
        return user_id

    def _dry_run(self, configuration: CredentialConfiguration, username: str | None) -> int:
        wanted = self._find_user_id(username) if username else None
        users = get_user_model()
        found = (learner.user_id for learner in list_eligible_learners(configuration.pk))
        user_ids = (user_id for user_id in found if wanted in {None, user_id})
        count = 0
        while batch := list(islice(user_ids, NAMES_AT_ONCE)):
            names = dict(users.objects.filter(pk__in=batch).values_list("pk", users.USERNAME_FIELD))
            for user_id in batch:
                self.stdout.write(f"{configuration}: would issue to {names.get(user_id, '')} (user {user_id})")
            count += len(batch)
        self.stdout.write(f"{configuration}: {count} would be issued")
        return 0

    def _issue(self, configuration: CredentialConfiguration, username: str | None) -> int:
        if username:
            credential = issue_credential(configuration.pk, self._find_user_id(username))
            self.stdout.write(f"{configuration}: {credential.status} {get_verification_url(credential.verify_uuid)}")
            return 0
        with tqdm(desc=str(configuration), unit="credential", file=self.stderr, disable=None) as bar:

            def show(run: GenerationRun) -> None:
                bar.total = run.total
                bar.n = run.done + run.failed
                bar.refresh()

            run = issue_pending_credentials(configuration.pk, on_progress=show)
        if run.error_code:
            self.stderr.write(self.style.ERROR(f"{configuration}: {run.error_code}: {run.error_message}"))
        failed = Credential.objects.filter(generation_run=run, status=Credential.Status.ERROR).order_by()
        codes = dict(failed.values_list("error_code").annotate(number=Count("pk")))
        counts = (
            f"{run.checked} learners checked, {run.done} issued",
            f"{run.failed} failed{_list_reasons(codes)}",
            f"{run.skipped} skipped{_list_reasons(run.skipped_detail.get('counts', {}))}",
        )
        self.stdout.write(f"{configuration}: {', '.join(counts)}")
        return run.failed + bool(run.error_code)


def _list_reasons(numbers: Mapping[str, int]) -> str:
    return f" ({', '.join(f'{number} {reason}' for reason, number in sorted(numbers.items()))})" if numbers else ""
