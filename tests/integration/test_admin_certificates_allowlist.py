"""The admin of the allowlist and of invalidations: added and ended with notes, and filled from a file."""

from __future__ import annotations

import csv
import io
import re
from base64 import b64decode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import resolve, reverse

from learning_credentials.models import (
    AllowlistEntry,
    CertificateEvent,
    CertificateInvalidation,
    Credential,
    LearnerCertificate,
)
from tests.factories import (
    AllowlistEntryFactory,
    CertificateInvalidationFactory,
    CredentialConfigurationFactory,
    UserFactory,
)
from tests.integration.admin_pages import count_queries, left_out_of, messages_of, staff_with

KEY = "course-v1:Demo+Algebra+2026"
RETRIEVAL_FUNC = "learning_credentials.processors.retrieve_course_certificates"
FAILING = {"Homework": 0.1, "Exam": 0.1}
MODELS = {"allowlistentry": AllowlistEntry, "certificateinvalidation": CertificateInvalidation}
FACTORIES = {"allowlistentry": AllowlistEntryFactory, "certificateinvalidation": CertificateInvalidationFactory}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def configuration(world):
    world.add_course_run(KEY, "Algebra")
    return CredentialConfigurationFactory(
        learning_context_key=KEY, credential_type__retrieval_func=RETRIEVAL_FUNC, is_enabled=True
    )


@pytest.fixture
def admin(client, configuration):
    client.force_login(UserFactory(superuser=True, username="registrar", email="registrar@example.org"))
    return client


@pytest.fixture
def learner(world, configuration):
    """Enrolled and failing."""
    user = UserFactory(username="ada", email="Ada@example.org")
    world.enrol(user.pk, KEY)
    world.set_grade(user.pk, KEY, FAILING)
    return user


def url(name, page, *args):
    return reverse(f"admin:learning_credentials_{name}_{page}", args=args)


UPLOAD = url("allowlistentry", "upload")


def status(user):
    return LearnerCertificate.objects.filter(user=user).values_list("status", flat=True).first()


class TestAllowlist:
    def test_adding_waives_the_grade(self, admin, learner):
        data = {"learner": "ada", "context_key": KEY, "notes": "By the board"}
        response = admin.post(url("allowlistentry", "add"), data, follow=True)
        entry = AllowlistEntry.objects.get()
        assert response.redirect_chain == [(url("allowlistentry", "change", entry.pk), 302)]
        assert (entry.user, entry.notes, entry.created_by.username) == (learner, "By the board", "registrar")
        assert status(learner) == "downloadable"
        page = response.content.decode()
        assert "– → active" in page[page.index('id="history"') :]

    @pytest.mark.parametrize("typed", ["ada", "Ada@example.org", "ADA@EXAMPLE.ORG", "  ada "])
    def test_a_learner_is_found_by_user_name_and_address(self, admin, learner, typed):
        admin.post(url("allowlistentry", "add"), {"learner": typed, "context_key": KEY})
        assert AllowlistEntry.objects.get().user == learner

    def test_a_user_name_comes_before_an_address(self, admin, learner):
        named = UserFactory(username="ada@example.org")
        admin.post(url("allowlistentry", "add"), {"learner": "ada@example.org", "context_key": KEY})
        assert AllowlistEntry.objects.get().user == named

    def test_an_entry_for_another_configuration(self, admin, learner):
        other = CredentialConfigurationFactory(learning_context_key=KEY)
        data = {"learner": "ada", "context_key": KEY, "configuration": other.pk}
        admin.post(url("allowlistentry", "add"), data)
        assert AllowlistEntry.objects.get().configuration == other

    @pytest.mark.parametrize(
        ("values", "field", "text"),
        [
            ({"learner": "nobody"}, "learner", "Nobody has"),
            ({"learner": "shared@example.org"}, "learner", "Several people"),
            ({"learner": ""}, "learner", "required"),
            ({"context_key": "course-v1:No+Such+Run"}, "context_key", "does not know this learning context"),
            ({"context_key": ""}, "context_key", "required"),
            ({"configuration": "999"}, "configuration", "valid choice"),
            ({"learner": "barred"}, "__all__", "Lift the bar first"),
            ({"configuration": "foreign"}, "__all__", "has no configuration"),
        ],
    )
    def test_refusals(self, admin, learner, values, field, text):
        UserFactory.create_batch(2, email="shared@example.org")
        CertificateInvalidationFactory(user__username="barred", learning_context_key=KEY)
        if values.get("configuration") == "foreign":
            values = {"configuration": CredentialConfigurationFactory().pk}
        response = admin.post(
            url("allowlistentry", "add"), {"learner": "ada", "context_key": KEY, "notes": "kept"} | values
        )
        assert text in " ".join(response.context["form"].errors[field])
        assert "kept" in response.content.decode(), "what was typed stays"
        assert not AllowlistEntry.objects.exists()

    def test_removing_takes_notes_and_the_certificate(self, admin, learner):
        admin.post(url("allowlistentry", "add"), {"learner": "ada", "context_key": KEY})
        entry = AllowlistEntry.objects.get()
        page = url("allowlistentry", "end", entry.pk)
        assert page in admin.get(url("allowlistentry", "change", entry.pk)).content.decode()
        assert admin.get(page).status_code == 200
        assert admin.post(page, {"confirm": "yes", "notes": " "}).context["form"].errors["notes"]
        assert status(learner) == "downloadable"
        response = admin.post(page, {"confirm": "yes", "notes": "A mistake"}, follow=True)
        assert messages_of(response) == ["1 entry was removed."]
        assert page not in response.content.decode()
        assert status(learner) == "notpassing"
        assert not Credential.objects.filter(user=learner, is_current=True).exists()
        event = CertificateEvent.objects.filter(subject="allowlist").last()
        assert (event.to_value, event.reason, event.actor.username) == ("removed", "A mistake", "registrar")

    def test_removing_many_one_of_them_removed_already(self, admin, configuration):
        gone, *others = AllowlistEntryFactory.create_batch(3, learning_context_key=KEY)
        AllowlistEntry.objects.filter(pk=gone.pk).update(is_active=None)
        data = {"action": "remove_selected", "_selected_action": [row.pk for row in (gone, *others)]}
        data |= {"confirm": "yes", "notes": "The term is over"}
        response = admin.post(url("allowlistentry", "changelist"), data, follow=True)
        assert messages_of(response) == ["2 entries were removed."]
        (refused,) = left_out_of(response)
        assert "already removed" in refused

    def test_actions_are_called_what_they_do(self, admin):
        AllowlistEntryFactory()
        CertificateInvalidationFactory()
        assert "Remove selected entries" in admin.get(url("allowlistentry", "changelist")).content.decode()
        page = admin.get(url("certificateinvalidation", "changelist")).content.decode()
        assert "Lift selected bars" in page

    def test_suggests_contexts(self, admin):
        found = admin.get(url("allowlistentry", "contexts"), {"q": "algebra"}).json()
        assert found == {"contexts": [{"key": KEY, "name": "Algebra"}]}


class TestInvalidations:
    def test_adding_bars_the_learner_and_withdrawing_evaluates(self, admin, learner, world):
        world.set_grade(learner.pk, KEY, {"Homework": 0.9, "Exam": 0.9})
        admin.post(url("allowlistentry", "add"), {"learner": "ada", "context_key": KEY})
        assert status(learner) == "downloadable"
        data = {"learner": "ada", "context_key": KEY, "notes": "Plagiarism"}
        response = admin.post(url("certificateinvalidation", "add"), data, follow=True)
        row = CertificateInvalidation.objects.get()
        assert response.redirect_chain == [(url("certificateinvalidation", "change", row.pk), 302)]
        assert status(learner) == "unavailable"
        end = url("certificateinvalidation", "end", row.pk)
        response = admin.post(end, {"confirm": "yes", "notes": "Appeal granted"}, follow=True)
        assert messages_of(response) == ["1 bar was lifted."]
        assert status(learner) == "downloadable"
        again = admin.post(end, {"confirm": "yes", "notes": "Once more"}, follow=True)
        assert "already lifted" in messages_of(again)[0]

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"notes": " "}, "notes"),
            ({"learner": "nobody"}, "learner"),
            ({"context_key": "course-v1:X"}, "context_key"),
        ],
    )
    def test_refusals(self, admin, learner, values, field):
        data = {"learner": "ada", "context_key": KEY, "notes": "Plagiarism"} | values
        response = admin.post(url("certificateinvalidation", "add"), data)
        assert response.context["form"].errors[field]
        assert not CertificateInvalidation.objects.exists()

    def test_somebody_barred_already_is_refused(self, admin, learner):
        CertificateInvalidationFactory(user=learner, learning_context_key=KEY)
        data = {"learner": "ada", "context_key": KEY, "notes": "Again"}
        response = admin.post(url("certificateinvalidation", "add"), data)
        assert response.context["form"].non_field_errors()
        assert CertificateInvalidation.objects.count() == 1


@pytest.mark.parametrize("name", MODELS)
class TestBoth:
    def test_filters_and_search(self, admin, name):
        wanted = FACTORIES[name](user__username="sought", user__email="sought@example.org", learning_context_key=KEY)
        ended = FACTORIES[name](user=wanted.user, learning_context_key=KEY, is_active=None)
        other = FACTORIES[name](learning_context_key="course-v1:Other+Run+1")

        def found(**query):
            return set(admin.get(url(name, "changelist"), query).context["cl"].result_list)

        assert found(state="active") == {wanted, other}
        assert found(state="ended") == {ended}
        assert found(learning_context_key=KEY, state="active") == {wanted}
        assert found(q="sought@example.org") == found(q="sought") == {wanted, ended}
        assert found(q="Other+Run") == {other}

    def test_queries_do_not_grow_with_the_rows(self, admin, name, django_assert_num_queries):
        creator = UserFactory()
        FACTORIES[name].create_batch(10, created_by=creator)
        few = count_queries(admin, url(name, "changelist"))
        for _number in range(50):
            extra = {"configuration": CredentialConfigurationFactory()} if name == "allowlistentry" else {}
            FACTORIES[name](created_by=UserFactory(), **extra)
        with django_assert_num_queries(few):
            assert len(admin.get(url(name, "changelist")).context["cl"].result_list) == 50

    def test_nothing_is_changed_or_deleted_by_form(self, admin, name):
        row = FACTORIES[name](notes="As it was")
        assert admin.post(url(name, "change", row.pk), {"notes": "Other"}).status_code == 403
        assert admin.post(url(name, "delete", row.pk), {"post": "yes"}).status_code == 403
        data = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        admin.post(url(name, "changelist"), data, follow=True)
        assert MODELS[name].objects.get().notes == "As it was"

    def test_who_may_only_view_adds_and_ends_nothing(self, client, configuration, learner, name):
        row = FACTORIES[name](learning_context_key=KEY)
        client.force_login(staff_with(f"view_{name}"))
        assert url(name, "end", row.pk) not in client.get(url(name, "change", row.pk)).content.decode()
        assert client.post(url(name, "end", row.pk), {"confirm": "yes", "notes": "No"}).status_code == 403
        data = {"learner": "ada", "context_key": KEY, "notes": "No"}
        assert client.post(url(name, "add"), data).status_code == 403
        assert MODELS[name].objects.get().is_active

    def test_who_may_only_add_is_not_shown_the_rest(self, client, configuration, learner, name):
        client.force_login(staff_with(f"add_{name}"))
        data = {"learner": "ada", "context_key": KEY, "notes": "Yes"}
        response = client.post(url(name, "add"), data, follow=True)
        assert response.redirect_chain == [(url(name, "add"), 302)]
        assert MODELS[name].objects.exists()
        assert client.get(url(name, "changelist")).status_code == 403

    def test_an_lms_that_is_down_is_told(self, admin, learner, world, name):
        world.outage = True
        assert admin.get(url(name, "add")).status_code == 200
        data = {"learner": "ada", "context_key": "course-v1:Un+Known+1", "notes": "Yes"}
        response = admin.post(url(name, "add"), data)
        assert response.context["form"].non_field_errors()
        assert not MODELS[name].objects.exists()

    def test_nothing_runs_in_the_transaction_of_a_request(self, name):
        for page in ("", "add/", "1/end/"):
            address = url(name, "changelist") + page
            assert resolve(address).func._non_atomic_requests == {"default"}, page


class TestUpload:
    def send(self, client, content, **values):
        file = SimpleUploadedFile("list.csv", content if isinstance(content, bytes) else content.encode())
        return client.post(UPLOAD, {"file": file, "context_key": KEY} | values)

    def read_download(self, page):
        encoded = re.search(r'href="data:text/csv;charset=utf-8;base64,([^"]+)" download', page)[1]
        return list(csv.DictReader(io.StringIO(b64decode(encoded).decode("utf-8-sig"))))

    def test_one_result_a_row(self, admin, learner):
        CertificateInvalidationFactory(user__username="barred", learning_context_key=KEY)
        UserFactory(username="on-it")
        AllowlistEntryFactory(user__username="already", learning_context_key=KEY)
        rows = ["\ufeffusername,notes", "ada,By the board", "already,", "nobody,x", "ADA@example.org,", "barred,"]
        response = self.send(admin, "\r\n".join([*rows, "on-it,=2+5"]))
        assert response.status_code == 200
        page = response.content.decode()
        results = self.read_download(page)
        assert [(row["line"], row["identifier"], row["status"]) for row in results] == [
            ("2", "ada", "added"),
            ("3", "already", "already"),
            ("4", "nobody", "unknown_user"),
            ("5", "ADA@example.org", "duplicate"),
            ("6", "barred", "invalidated"),
            ("7", "on-it", "added"),
        ]
        assert 'data-count="added">2<' in page
        assert 'data-count="unknown_user">1<' in page
        assert 'data-count="malformed"' not in page
        table = page[page.index('id="results"') :]
        assert "No learner has this user name or e-mail" in table
        assert "Lift the bar first" in table
        assert status(learner) == "downloadable"
        assert AllowlistEntry.objects.get(user=learner).created_by.username == "registrar"

    def test_what_a_file_says_is_shown_as_text(self, admin):
        page = self.send(admin, "<script>alert(1)</script>,x").content.decode()
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)" in page

    def test_for_another_configuration(self, admin, learner):
        other = CredentialConfigurationFactory(learning_context_key=KEY)
        self.send(admin, "ada", configuration=other.pk)
        assert AllowlistEntry.objects.get().configuration == other

    @pytest.mark.parametrize(
        ("content", "text"),
        [
            (b"PK\x03\x04rest", "spreadsheet"),
            (b"ada,\xff\xfe\xfa", "cannot be read"),
            (b"x" * (5 * 1024 * 1024 + 1), "larger than 5 MB"),
            (b"someone\n" * 10_001, "more than 10,000 rows"),
        ],
    )
    def test_a_file_that_cannot_be_used_is_refused_whole(self, admin, learner, content, text):
        response = self.send(admin, content)
        assert text in " ".join(response.context["form"].non_field_errors())
        assert not AllowlistEntry.objects.exists()

    def test_an_empty_file_is_told(self, admin):
        assert "has no rows" in self.send(admin, b"").content.decode()

    def test_without_a_file_or_with_an_unknown_context_it_is_refused(self, admin):
        assert admin.post(UPLOAD, {"context_key": KEY}).context["form"].errors["file"]
        assert self.send(admin, "ada", context_key="course-v1:No+Such+Run").context["form"].errors["context_key"]

    def test_needs_the_permission_to_add(self, client, configuration, learner):
        client.force_login(staff_with("view_allowlistentry", "change_allowlistentry"))
        assert UPLOAD not in client.get(url("allowlistentry", "changelist")).content.decode()
        assert self.send(client, "ada").status_code == 403
        client.force_login(staff_with("view_allowlistentry", "add_allowlistentry"))
        assert UPLOAD in client.get(url("allowlistentry", "changelist")).content.decode()
        assert self.send(client, "ada").status_code == 200
        assert AllowlistEntry.objects.exists()

    def test_runs_in_no_transaction_of_a_request(self):
        assert resolve(UPLOAD).func._non_atomic_requests == {"default"}
