"""Two people edit the same thing in the admin: nobody overwrites unseen what the other saved."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from learning_credentials import api
from learning_credentials.exceptions import ChangedMeanwhileError
from learning_credentials.models import (
    CourseCertificate,
    Credential,
    CredentialAsset,
    CredentialConfiguration,
    CredentialType,
    Issuer,
    TypeSignatory,
)
from learning_credentials.periods import Period
from learning_credentials.services.issuing import start_due_runs
from tests.factories import (
    CourseCertificateFactory,
    CredentialAssetFactory,
    CredentialConfigurationFactory,
    CredentialFactory,
    CredentialTypeFactory,
    IssuerFactory,
    SignatoryFactory,
    TypeSignatoryFactory,
    UserFactory,
)
from tests.integration.admin_forms import Tab, read_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(world):
    """Two operators, each with a browser."""
    browsers = []
    for name in ("ada", "grace"):
        browsers.append(Client())
        browsers[-1].force_login(UserFactory(superuser=True, username=name))
    return browsers


@pytest.fixture
def kind():
    """A type with two signatories and text of several lines."""
    row = CredentialTypeFactory(
        name="Honours", description="First line\nsecond line", custom_options={"b": 1, "a": {"size": 12}}
    )
    for position, name in enumerate(("Ines", "Juno"), 1):
        TypeSignatoryFactory(credential_type=row, signatory=SignatoryFactory(name=name, title=""), position=position)
    return row


def url(row, page="change"):
    return reverse(f"admin:learning_credentials_{row._meta.model_name}_{page}", args=[row.pk])


EDITED = [
    (CredentialTypeFactory, "name", "Renamed", "criteria", "All of it"),
    (CredentialConfigurationFactory, "interval", "2 days", "custom_options", '{"a": 1}'),
    (IssuerFactory, "name", "Academy", "email", "office@example.org"),
    (SignatoryFactory, "name", "Rae", "title", "Rector"),
    (CredentialAssetFactory, "description", "A seal", "slug", "seal"),
    (CourseCertificateFactory, "certificate_type", "verified", "available_date_0", "2030-06-01"),
]


class TestAnyPage:
    @pytest.mark.parametrize(("factory", "first", "theirs", "second", "mine"), EDITED)
    def test_the_later_one_is_told_and_nothing_is_lost(self, people, factory, first, theirs, second, mine):
        row = factory()
        tabs = [Tab(person, url(row)) for person in people]
        more = {"available_date_1": "00:00:00"} if second == "available_date_0" else {}
        assert tabs[0].send(**{first: theirs}).status_code == 302
        stored = type(row).objects.values().get(pk=row.pk)
        tabs[1].send(**{second: mine}, **more)
        assert tabs[1].is_conflict
        assert type(row).objects.values().get(pk=row.pk) == stored
        # Who, and from what to what.
        assert "ada" in tabs[1].page.text
        (change,) = tabs[1].page.context["editing"].changes
        assert (change.name, change.after) == (first, theirs)
        # What was entered is kept, what was not touched shows what is stored.
        assert "".join(tabs[1].values[second].split()) == "".join(mine.split())
        assert tabs[1].values[first] == theirs
        # Having seen it, save again.
        assert tabs[1].send().status_code == 302
        again = Tab(people[0], url(row)).values
        assert again[first] == theirs
        assert "".join(again[second].split()) == "".join(mine.split())

    def test_the_heading_shows_what_is_stored_and_the_fields_what_was_entered(self, people, kind):
        tabs = [Tab(person, url(kind)) for person in people]
        tabs[0].send(criteria="All of it")
        tabs[1].send(name="Renamed")
        assert tabs[1].is_conflict
        assert tabs[1].page.context["subtitle"] == "Honours"
        assert str(tabs[1].page.context["original"]) == "Honours"
        assert tabs[1].values["name"] == "Renamed"

    def test_read_only_fields_show_what_is_stored(self, people):
        row = CourseCertificateFactory()
        tabs = [Tab(person, url(row)) for person in people]
        tabs[0].send(certificate_type="verified")
        tabs[1].send(available_date_0="2099-06-01", available_date_1="00:00:00")
        assert tabs[1].is_conflict
        assert "visible" in tabs[1].page.text
        assert "until June 1, 2099" not in tabs[1].page.text

    @pytest.mark.parametrize("factory", [each[0] for each in EDITED])
    def test_nothing_is_changed_and_nothing_is_saved(self, people, factory):
        row = factory()
        tabs = [Tab(person, url(row)) for person in people]
        before = type(row).objects.values().get(pk=row.pk)
        for tab in tabs:
            assert tab.send().status_code == 302
        assert type(row).objects.values().get(pk=row.pk) == before

    @pytest.mark.parametrize("factory", [each[0] for each in EDITED[:5]])
    def test_what_was_deleted_says_so(self, people, factory):
        row = factory()
        tab, confirmation = Tab(people[1], url(row)), Tab(people[0], url(row, "delete"))
        assert confirmation.send().status_code == 302
        assert not type(row).objects.filter(pk=row.pk).exists()
        page = tab.send()
        told = [str(message) for message in people[1].get(page.url).context["messages"]]
        assert any("was deleted by ada" in text for text in told)

    @pytest.mark.parametrize(("factory", "first", "theirs"), [each[:3] for each in EDITED[:5]])
    def test_what_was_changed_is_not_deleted_unseen(self, people, factory, first, theirs):
        row = factory()
        confirmation = Tab(people[1], url(row, "delete"))
        assert Tab(people[0], url(row)).send(**{first: theirs}).status_code == 302
        confirmation.send()
        assert confirmation.is_conflict
        assert theirs in confirmation.page.text
        assert type(row).objects.filter(pk=row.pk).exists()
        assert confirmation.send().status_code == 302
        assert not type(row).objects.filter(pk=row.pk).exists()

    def test_both_changed_the_same(self, people, kind):
        tabs = [Tab(person, url(kind)) for person in people]
        tabs[0].send(name="Theirs")
        tabs[1].send(name="Mine")
        assert tabs[1].is_conflict
        assert tabs[1].values["name"] == "Mine"
        tabs[0] = Tab(people[0], url(kind))
        tabs[0].send(name="Theirs again")
        tabs[1].send()
        assert tabs[1].is_conflict
        assert tabs[1].page.context["editing"].changes[0].before == "Theirs"
        assert tabs[1].send().status_code == 302
        assert CredentialType.objects.get().name == "Mine"

    def test_a_mistake_on_the_way_does_not_lose_what_was_shown(self, people, kind):
        tabs = [Tab(person, url(kind)) for person in people]
        tabs[1].send(name="")
        assert not tabs[1].is_conflict
        tabs[0].send(criteria="Theirs")
        tabs[1].send(name="Mine")
        assert tabs[1].is_conflict

    def test_changes_by_code_are_told_without_an_author(self, people, kind):
        tab = Tab(people[0], url(kind))
        CredentialType.objects.update(badge_shows_results=True)
        tab.send(name="Mine")
        assert tab.is_conflict
        (change,) = tab.page.context["editing"].changes
        assert (change.before, change.after) == ("no", "yes")
        assert tab.page.context["editing"].authors == []

    @pytest.mark.parametrize("text", ["", "rubbish", "rubbish:rubbish:rubbish"])
    def test_a_page_that_does_not_tell_what_it_showed_saves_only_what_differs(self, people, kind, text):
        tab = Tab(people[0], url(kind))
        assert tab.send(name="Mine", _shown=text).status_code == 302
        assert CredentialType.objects.get().name == "Mine"


class TestWhatIsNoConflict:
    def test_json_in_another_order_and_fractions_of_seconds(self, people, kind):
        configuration = CredentialConfigurationFactory(
            credential_type=kind, next_run_at=datetime(2030, 6, 1, 9, 30, 12, 345678, tzinfo=UTC)
        )
        tab, other = Tab(people[0], url(kind)), Tab(people[0], url(configuration))
        CredentialType.objects.update(custom_options={"a": {"size": 12}, "b": 1})
        assert tab.send(name="Mine").status_code == 302
        assert other.send(interval="2 days").status_code == 302
        configuration.refresh_from_db()
        assert configuration.next_run_at.microsecond == 345678

    def test_the_schedule_goes_on_and_is_not_moved_back(self, people, kind):
        configuration = CredentialConfigurationFactory(credential_type=kind, next_run_at=timezone.now() - timedelta(1))
        tab = Tab(people[0], url(configuration))
        assert start_due_runs()
        moved = CredentialConfiguration.objects.get().next_run_at
        assert tab.send(interval="2 days").status_code == 302
        row = CredentialConfiguration.objects.get()
        assert (row.next_run_at, row.interval) == (moved, Period(days=2))

    def test_the_schedule_is_moved_by_who_wants_to(self, people, kind):
        configuration = CredentialConfigurationFactory(credential_type=kind, next_run_at=timezone.now() - timedelta(1))
        tab = Tab(people[0], url(configuration))
        assert start_due_runs()
        assert tab.send(next_run_at_0="2030-06-01", next_run_at_1="00:00:00").status_code == 302
        assert CredentialConfiguration.objects.get().next_run_at == datetime(2030, 6, 1, tzinfo=UTC)

    def test_what_operators_do_not_edit(self, people, world):
        row = CourseCertificateFactory()
        tab = Tab(people[0], url(row))
        CourseCertificate.objects.update(shows_early=True, refreshed_at=timezone.now())
        assert tab.send(certificate_type="verified").status_code == 302
        row.refresh_from_db()
        assert (row.shows_early, row.certificate_type) == (True, "verified")

    def test_ends_of_lines(self, people, kind):
        tabs = [Tab(person, url(kind)) for person in people]
        assert tabs[0].send(name="Theirs").status_code == 302
        assert CredentialType.objects.get().description == "First line\nsecond line"
        tabs[1].send(name="Mine")
        assert [change.name for change in tabs[1].page.context["editing"].changes] == ["name"]

    def test_the_first_credential(self, people, course, enrol):
        (user,) = enrol("Ada")
        tab = Tab(people[0], url(course.credential_type))
        api.issue_credential(course.pk, user.pk)
        assert tab.send(criteria="All of it").status_code == 302
        assert CredentialType.objects.get().criteria == "All of it"
        assert CredentialType.objects.get().has_awarded


class TestInlines:
    def positions(self, kind):
        rows = TypeSignatory.objects.filter(credential_type=kind)
        return {row.signatory.name: row.position for row in rows}

    def test_who_signs_is_compared(self, people, kind):
        tabs = [Tab(person, url(kind)) for person in people]
        assert tabs[0].send(**{"type_signatories-0-position": "5"}).status_code == 302
        tabs[1].send(name="Mine")
        assert tabs[1].is_conflict
        (change,) = tabs[1].page.context["editing"].changes
        assert (change.before, change.after) == ("1, Ines; 2, Juno", "5, Ines; 2, Juno")
        assert tabs[1].send().status_code == 302
        assert self.positions(kind) == {"Ines": 5, "Juno": 2}
        assert CredentialType.objects.get().name == "Mine"

    def test_theirs_is_added_and_mine_too(self, people, kind):
        theirs, mine = SignatoryFactory(name="Theirs", title=""), SignatoryFactory(name="Mine", title="")
        tabs = [Tab(person, url(kind)) for person in people]
        new = {"type_signatories-TOTAL_FORMS": "3", "type_signatories-2-position": "3"}
        assert tabs[0].send(**new, **{"type_signatories-2-signatory": theirs.pk}).status_code == 302
        tabs[1].send(**new, **{"type_signatories-2-signatory": mine.pk})
        assert tabs[1].is_conflict
        assert self.positions(kind).keys() == {"Ines", "Juno", "Theirs"}
        assert tabs[1].send().status_code == 302
        assert self.positions(kind) == {"Ines": 1, "Juno": 2, "Theirs": 3, "Mine": 3}

    def test_theirs_is_deleted_and_mine_is_changed(self, people, kind):
        tabs = [Tab(person, url(kind)) for person in people]
        assert tabs[0].send(**{"type_signatories-0-DELETE": "on"}).status_code == 302
        tabs[1].send(**{"type_signatories-0-position": "7"})
        assert tabs[1].is_conflict
        assert self.positions(kind) == {"Juno": 2}
        assert tabs[1].send().status_code == 302
        assert self.positions(kind) == {"Juno": 2, "Ines": 7}

    def test_theirs_is_deleted_and_mine_is_untouched(self, people, kind):
        tabs = [Tab(person, url(kind)) for person in people]
        assert tabs[0].send(**{"type_signatories-0-DELETE": "on"}).status_code == 302
        tabs[1].send(name="Mine")
        assert tabs[1].is_conflict
        assert tabs[1].send().status_code == 302
        assert self.positions(kind) == {"Juno": 2}

    def test_an_image_of_a_mode(self, people, kind):
        images = [CredentialAssetFactory(kind="badge_image") for _ in range(2)]
        tabs = [Tab(person, url(kind)) for person in people]
        new = {"badge_images-TOTAL_FORMS": "1", "badge_images-0-mode": "verified"}
        assert tabs[0].send(**new, **{"badge_images-0-image": images[0].pk}).status_code == 302
        tabs[1].send(**{"type_signatories-0-position": "7"})
        assert tabs[1].is_conflict
        assert tabs[1].send().status_code == 302
        assert self.positions(kind)["Ines"] == 7
        assert kind.badge_images.get().image == images[0]


class TestTheDateOfACredential:
    """It is set by an operation and not by the form of the page."""

    @pytest.fixture
    def credential(self):
        return CredentialFactory(available=True)

    def test_the_later_one_is_told(self, people, credential):
        tabs = [Tab(person, url(credential, "override_date")) for person in people]
        assert tabs[0].send(date_override="2026-05-01", reason="Theirs").status_code == 302
        page = tabs[1].send(date_override="2026-04-01", reason="Mine")
        assert "somebody else changed the date to 2026-05-01" in page.text
        assert (tabs[1].values["date_override"], tabs[1].values["reason"]) == ("2026-04-01", "Mine")
        credential.refresh_from_db()
        assert credential.date_override == date(2026, 5, 1)
        assert tabs[1].send().status_code == 302
        credential.refresh_from_db()
        assert credential.date_override == date(2026, 4, 1)

    def test_the_expiry_too(self, people, credential):
        tabs = [Tab(person, url(credential, "change_expiry")) for person in people]
        times = {"expires_at_1": "00:00:00", "reason": "Mine"}
        assert tabs[0].send(expires_at_0="2030-05-01", **times).status_code == 302
        page = tabs[1].send(expires_at_0="2031-05-01", **times)
        assert "somebody else changed the expiry to 2030-05-01" in page.text
        credential.refresh_from_db()
        assert credential.expires_at == datetime(2030, 5, 1, tzinfo=UTC)
        assert tabs[1].send().status_code == 302
        credential.refresh_from_db()
        assert credential.expires_at == datetime(2031, 5, 1, tzinfo=UTC)

    def test_the_facade_compares_too(self, credential):
        api.override_issue_date(credential.pk, date(2026, 5, 1), reason="First", expected=None)
        with pytest.raises(ChangedMeanwhileError, match="2026-05-01"):
            api.override_issue_date(credential.pk, date(2026, 4, 1), reason="Second", expected=None)
        api.override_issue_date(credential.pk, None, reason="Third", expected=date(2026, 5, 1))

    def test_of_many_only_those_that_nobody_changed(self, people, credential):
        other = CredentialFactory(available=True)
        address = reverse("admin:learning_credentials_credential_changelist")
        selected = {"action": "override_date_selected", "_selected_action": [credential.pk, other.pk]}
        asked = people[0].post(address, selected)
        values = {"confirm": "yes", "date_override": "2026-04-01", "reason": "Mine", "shown": read_form(asked)["shown"]}
        api.override_issue_date(other.pk, date(2026, 5, 1), reason="Theirs")
        page = people[0].post(address, {**selected, **values}, follow=True)
        assert "somebody else changed the date to 2026-05-01" in page.text
        dates = dict(Credential.objects.values_list("pk", "date_override"))
        assert dates == {credential.pk: date(2026, 4, 1), other.pk: date(2026, 5, 1)}


class TestWhatChangedInWords:
    def test_options_by_path_and_long_texts_around_the_difference(self, people, kind):
        CredentialType.objects.update(criteria="a" * 500 + "old" + "b" * 500)
        tab = Tab(people[0], url(kind))
        CredentialType.objects.update(
            custom_options={"b": 1, "a": {"size": 14}}, criteria="a" * 500 + "new" + "b" * 500, issuer=None
        )
        tab.send(name="Mine")
        changes = {change.label: (change.before, change.after) for change in tab.page.context["editing"].changes}
        assert changes["Options: a.size"] == ("12", "14")
        assert changes["Issuer"] == (Issuer.objects.get().name, "–")
        before, after = changes["Criteria"]
        assert "old" in before
        assert "new" in after
        assert max(len(before), len(after)) < 250

    def test_a_file_that_was_replaced(self, people):
        row = CredentialAssetFactory()
        tab = Tab(people[0], url(row))
        CredentialAsset.objects.update(file="learning_credentials/assets/other.png")
        tab.send(description="Mine")
        assert [change.name for change in tab.page.context["editing"].changes] == ["file"]

    def test_nobody_may_look_at_it_who_may_not_edit(self, people, kind):
        get_user_model().objects.update(is_superuser=False)
        assert people[0].get(url(kind)).status_code == 403
