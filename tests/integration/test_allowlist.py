"""The allowlist: who is added and removed, with which history, and what it does to standings; one by one, at once, and from CSV."""

from __future__ import annotations

import csv
import io
from contextlib import contextmanager
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from learning_credentials import api, receivers, signals
from learning_credentials.exceptions import (
    ConfigurationError,
    ContextNotFoundError,
    EntryNotFoundError,
    ImportFileError,
    InvalidTransitionError,
    LearnerNotFoundError,
    NotEligibleError,
    ReasonRequiredError,
)
from learning_credentials.models import AllowlistEntry, CertificateEvent, Credential, LearnerCertificate
from learning_credentials.services.common import MAX_BYTES, trim
from learning_credentials.services.staff import allowlist_csv, allowlist_import, write_allowlist_results
from tests.factories import (
    AllowlistEntryFactory,
    CertificateInvalidationFactory,
    CredentialConfigurationFactory,
    UserFactory,
)
from tests.integration.threads import assert_no_errors, at_once

pytestmark = pytest.mark.django_db(transaction=True)

COURSE_CERTIFICATES = "learning_credentials.processors.retrieve_course_certificates"
PASSING, FAILING = {"Homework": 0.9, "Exam": 0.9}, {"Homework": 0.1, "Exam": 0.1}


@pytest.fixture
def learner(world, key):
    """Enrolled, and failing."""
    user = UserFactory()
    world.enrol(user.pk, key)
    world.set_grade(user.pk, key, FAILING)
    return user


@contextmanager
def without_evaluation():
    """Leave the standings to the schedule."""
    uid = "learning_credentials.messages_waiting"
    signals.messages_waiting.disconnect(dispatch_uid=uid)
    try:
        yield
    finally:
        signals.messages_waiting.connect(receivers.work_off_messages, dispatch_uid=uid)


def get_status(user, key):
    standing = LearnerCertificate.objects.filter(user=user, course_certificate__course_key=key).first()
    return standing.status if standing else None


def get_history(entry):
    events = CertificateEvent.objects.filter(subject="allowlist", subject_id=entry.pk)
    return [(event.field, event.from_value, event.to_value, event.actor_id, event.reason) for event in events]


class TestOneEntry:
    def test_waives_the_grade_at_once_and_has_a_history(self, learner, key):
        staff = UserFactory(staff=True)
        entry = api.add_allowlist_entry(learner.pk, key, notes=" Ill on the day ", actor=staff)
        assert (entry.user, entry.is_active, entry.notes, entry.created_by) == (learner, True, "Ill on the day", staff)
        assert get_history(entry) == [("is_active", "", "active", staff.pk, "Ill on the day")]
        assert get_status(learner, key) == "downloadable"
        assert Credential.objects.get(user=learner).status == "available"

        removed = api.remove_allowlist_entry(entry.pk, notes="By mistake", actor=staff)
        assert removed.is_active is None
        assert get_history(entry)[1:] == [("is_active", "active", "removed", staff.pk, "By mistake")]
        assert get_status(learner, key) == "notpassing"
        assert Credential.objects.get(user=learner).status == "invalidated"

    def test_standing_says_who_and_why(self, learner, key):
        staff = UserFactory(staff=True)
        api.add_allowlist_entry(learner.pk, key, notes="Ill", actor=staff)
        event = CertificateEvent.objects.get(subject="standing")
        assert (event.to_value, event.actor) == ("downloadable", staff)
        assert "Ill" in event.reason

    def test_added_twice_is_one_entry_as_it_was(self, learner, key):
        first = api.add_allowlist_entry(learner.pk, key, notes="First")
        second = api.add_allowlist_entry(learner.pk, key, notes="Second")
        assert second == first
        assert second.notes == "First"
        assert len(get_history(first)) == 1

    def test_removed_and_added_again_is_another_entry(self, learner, key):
        first = api.add_allowlist_entry(learner.pk, key)
        api.remove_allowlist_entry(first.pk, notes="No")
        second = api.add_allowlist_entry(learner.pk, key)
        assert second != first
        assert AllowlistEntry.objects.filter(is_active=True).count() == 1

    def test_by_two_at_once(self, learner, key):
        results = at_once(*[lambda: api.add_allowlist_entry(learner.pk, key, notes="x")] * 4)
        assert_no_errors(results)
        entry = AllowlistEntry.objects.get()
        assert {result.pk for result in results} == {entry.pk}
        assert len(get_history(entry)) == 1

    def test_removed_by_two_at_once(self, learner, key):
        entry = api.add_allowlist_entry(learner.pk, key)
        results = at_once(*[lambda: api.remove_allowlist_entry(entry.pk, notes="x")] * 3)
        assert sum(isinstance(result, InvalidTransitionError) for result in results) == 2
        assert [row[2] for row in get_history(entry)] == ["active", "removed"]

    def test_an_invalidated_learner_is_refused_with_the_reason(self, learner, key):
        CertificateInvalidationFactory(user=learner, learning_context_key=key, notes="Copied the exam")
        with pytest.raises(NotEligibleError, match="Copied the exam"):
            api.add_allowlist_entry(learner.pk, key)
        assert not AllowlistEntry.objects.exists()

    def test_a_withdrawn_invalidation_is_in_nobodys_way(self, learner, key):
        CertificateInvalidationFactory(user=learner, learning_context_key=key, is_active=None)
        assert api.add_allowlist_entry(learner.pk, key).is_active

    @pytest.mark.parametrize("bar", ["mode", "restriction", "identity"])
    def test_overrides_nothing_but_the_grade(self, learner, key, world, app_settings, bar):
        if bar == "mode":
            world.enrol(learner.pk, key, "audit")
        elif bar == "restriction":
            world.set_profile(learner.pk, certificates_allowed=False)
        else:
            app_settings(IDENTITY_REQUIRED=True)
            world.enrol(learner.pk, key, "verified")
            world.set_identity(learner.pk, False)
        api.add_allowlist_entry(learner.pk, key)
        assert get_status(learner, key) == ("unverified" if bar == "identity" else None)
        assert not Credential.objects.exists()

    def test_unknown_learner_context_or_configuration(self, learner, key, world):
        with pytest.raises(LearnerNotFoundError, match="999999"):
            api.add_allowlist_entry(999_999, key)
        with pytest.raises(ContextNotFoundError, match="course-v1:No\\+Such"):
            api.add_allowlist_entry(learner.pk, "course-v1:No+Such")
        elsewhere = CredentialConfigurationFactory()
        with pytest.raises(ConfigurationError, match=str(elsewhere.pk)):
            api.add_allowlist_entry(learner.pk, key, configuration_id=elsewhere.pk)
        assert not AllowlistEntry.objects.exists()

    def test_unknown_entry_and_blank_notes(self, learner, key):
        with pytest.raises(EntryNotFoundError):
            api.remove_allowlist_entry(999_999, notes="x")
        entry = api.add_allowlist_entry(learner.pk, key)
        with pytest.raises(ReasonRequiredError):
            api.remove_allowlist_entry(entry.pk, notes="  ")
        entry.refresh_from_db()
        assert entry.is_active

    def test_a_lost_message_is_made_up_for_by_the_schedule(self, run, learner, key):
        with without_evaluation():
            api.add_allowlist_entry(learner.pk, key)
        assert get_status(learner, key) is None
        api.start_run(run.pk)
        assert get_status(learner, key) == "downloadable"
        assert Credential.objects.get().status == "available"


class TestNamedConfiguration:
    def test_of_another_processor_has_an_entry_of_its_own(self, run, learner, key):
        other = CredentialConfigurationFactory(learning_context_key=key)
        for_run = api.add_allowlist_entry(learner.pk, key)
        for_other = api.add_allowlist_entry(learner.pk, key, configuration_id=other.pk)
        assert (for_run.scope, for_other.scope) == ("", str(other.pk))
        assert for_other.configuration == other

    def test_of_the_course_certificate_is_the_entry_of_the_run(self, run, learner, key):
        entry = api.add_allowlist_entry(learner.pk, key, configuration_id=run.pk)
        assert (entry.scope, entry.configuration) == ("", None)
        assert get_status(learner, key) == "downloadable"

    def test_waives_for_nobody_else(self, world, key):
        other = CredentialConfigurationFactory(
            learning_context_key=key,
            credential_type__retrieval_func="learning_credentials.processors.retrieve_subsection_grades",
            custom_options={"required_grades": {"Exam": 0.8}},
        )
        users = UserFactory.create_batch(6)
        listed, removed, of_run, invalidated, restricted, not_enrolled = users
        for user in users[:-1]:
            world.enrol(user.pk, key)
            world.set_grade(user.pk, key, FAILING)
        AllowlistEntryFactory(user=of_run, learning_context_key=key)
        AllowlistEntryFactory(user=removed, configuration=other, is_active=None)
        for user in (listed, invalidated, restricted, not_enrolled):
            AllowlistEntryFactory(user=user, configuration=other)
        CertificateInvalidationFactory(user=invalidated, learning_context_key=key)
        world.set_profile(restricted.pk, certificates_allowed=False)
        assert [found.user_id for found in api.list_eligible_learners(other.pk)] == [listed.pk]

    def test_waives_the_criteria_of_its_configuration(self, world, key, learner):
        other = CredentialConfigurationFactory(
            learning_context_key=key,
            credential_type__retrieval_func="learning_credentials.processors.retrieve_subsection_grades",
            custom_options={"required_grades": {"Exam": 0.8}},
        )
        assert not api.get_eligibility(other.pk, learner.pk).is_eligible
        api.add_allowlist_entry(learner.pk, key, configuration_id=other.pk)
        assert api.get_eligibility(other.pk, learner.pk).is_eligible
        api.issue_pending_credentials(other.pk)
        assert Credential.objects.get(configuration=other).status == "available"


def import_text(key, text, **options):
    return api.import_allowlist(key, io.BytesIO(text.encode()), **options)


def outcomes(results):
    return [(result.line, result.identifier, result.status.value) for result in results]


class TestImport:
    def test_names_and_addresses_in_every_case(self, key, world):
        ada = UserFactory(username="ada", email="Ada@Example.com")
        world.enrol(ada.pk, key)
        bob = UserFactory(username="Bob", email="bob@example.com")
        CertificateInvalidationFactory(user=bob, learning_context_key=key, notes="Plagiarism")
        UserFactory(username="cy", email="shared@example.com")
        UserFactory(username="dee", email="SHARED@example.com")
        AllowlistEntryFactory(user=UserFactory(username="eve"), learning_context_key=key)
        text = (
            "Username,Notes\r\n"
            "aDA@example.COM,Ill\r\n"
            "\r\n"
            "ada,twice\r\n"
            "Bob,x\r\n"
            "bob,wrong case\r\n"
            "Shared@example.com,x\r\n"
            "eve,x\r\n"
            "nobody,x\r\n"
            ",no name\r\n"
            "cy,too,many\r\n"
        )
        results = import_text(key, text)
        assert outcomes(results) == [
            (2, "aDA@example.COM", "added"),
            (4, "ada", "duplicate"),
            (5, "Bob", "invalidated"),
            (6, "bob", "unknown_user"),
            (7, "Shared@example.com", "ambiguous"),
            (8, "eve", "already"),
            (9, "nobody", "unknown_user"),
            (10, "", "malformed"),
            (11, "cy", "malformed"),
        ]
        messages = {result.line: result.message for result in results}
        assert messages[2] == ""
        assert "line 2" in messages[4]
        assert "Plagiarism" in messages[5]
        assert all(messages[line] for line in messages if line != 2)
        assert AllowlistEntry.objects.get(user=ada).notes == "Ill"

    def test_a_user_name_that_is_anothers_address_is_ambiguous(self, key):
        UserFactory(username="victim", email="victim@example.com")
        UserFactory(username="victim@example.com", email="other@example.com")
        assert outcomes(import_text(key, "victim@example.com,x")) == [(1, "victim@example.com", "ambiguous")]

    def test_learners_are_evaluated_and_the_actor_is_kept(self, learner, key):
        staff = UserFactory(staff=True)
        import_text(key, f"{learner.username},Ill", actor=staff)
        assert get_status(learner, key) == "downloadable"
        assert get_history(AllowlistEntry.objects.get()) == [("is_active", "", "active", staff.pk, "Ill")]

    def test_for_a_named_configuration(self, learner, key):
        other = CredentialConfigurationFactory(learning_context_key=key)
        assert outcomes(import_text(key, learner.username, configuration_id=other.pk)) == [
            (1, learner.username, "added")
        ]
        assert AllowlistEntry.objects.get().configuration == other
        assert get_status(learner, key) is None

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    @pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
    def test_encodings_delimiters_and_line_ends(self, key, encoding, delimiter, newline):
        UserFactory(username="Zoë")
        UserFactory(username="محمد")
        rows = [["user name", "notes"], ["Zoë", '"one, two; three\ttabs"'], ["محمد", '"two\nlines and ""quotes"""']]
        text = newline.join(delimiter.join(row) for row in rows)
        results = api.import_allowlist(key, io.BytesIO(text.encode(encoding)))
        assert outcomes(results) == [(2, "Zoë", "added"), (3, "محمد", "added")]
        notes = set(AllowlistEntry.objects.values_list("notes", flat=True))
        assert notes == {"one, two; three\ttabs", 'two\nlines and "quotes"'}

    def test_a_file_opened_as_text_and_one_column(self, key):
        UserFactory(username="ada")
        assert outcomes(api.import_allowlist(key, io.StringIO("\ufeffada\n"))) == [(1, "ada", "added")]

    @pytest.mark.parametrize(
        ("content", "complaint"),
        [
            ("ada,Größe\nbob,x".encode("latin-1"), "line 1"),
            ("ada,x\n".encode("utf-16-le"), "NUL"),
            (b"\xff\xfea", "UTF-16"),
            (b"PK\x03\x04rest of a workbook", "spreadsheet"),
            (b"x" * (MAX_BYTES + 1), "5 MB"),
            (b"a\n" * (allowlist_csv.MAX_ROWS + 1), "10,000 rows"),
        ],
    )
    def test_a_file_that_cannot_be_read_is_refused_whole(self, key, content, complaint):
        UserFactory(username="a")
        with pytest.raises(ImportFileError, match=complaint):
            api.import_allowlist(key, io.BytesIO(content))
        assert not AllowlistEntry.objects.exists()

    def test_an_unclosed_quotation_mark_swallows_nobody_in_silence(self, key):
        for name in ("ada", "bob", "cy"):
            UserFactory(username=name)
        results = import_text(key, 'ada,fine\nbob,"never closed\ncy,x\n')
        assert outcomes(results) == [(1, "ada", "added"), (2, "", "malformed")]
        assert "lines 2 to 3" in results[1].message

    def test_an_empty_file_and_an_unknown_context(self, key):
        assert import_text(key, "") == []
        assert import_text(key, "username,notes\n") == []
        with pytest.raises(ContextNotFoundError):
            import_text("course-v1:No+Such", "ada")

    def test_five_thousand_rows(self, key, world, django_assert_max_num_queries):
        marker = "learner-of-many-"
        users = UserFactory._meta.model.objects
        users.bulk_create(
            [users.model(username=f"{marker}{number}", email=f"{marker}{number}@Example.com") for number in range(4600)]
        )
        ids = dict(users.filter(username__startswith=marker).values_list("username", "pk"))
        for number in range(100):  # already on the list
            AllowlistEntryFactory(user_id=ids[f"{marker}{number}"], user=None, learning_context_key=key)
        for number in range(100, 200):
            CertificateInvalidationFactory(user_id=ids[f"{marker}{number}"], user=None, learning_context_key=key)
        lines = ["user name,notes"]
        lines += [f"{marker}{number}{'@example.COM' if number % 2 else ''},note {number}" for number in range(4600)]
        lines += [f"unknown-{number},x" for number in range(200)]
        lines += [f"{marker}{number},again" for number in range(300, 500)]
        content = ("\ufeff" + "\r\n".join(lines)).encode()
        # In batches of 500: 21 statements each on SQLite, where Django 5.2 binds few parameters at a time; fewer elsewhere.
        with without_evaluation(), django_assert_max_num_queries(245):
            results = api.import_allowlist(key, io.BytesIO(content))
        assert len(results) == 5000
        assert [result.line for result in results] == list(range(2, 5002))
        counts = {status: sum(result.status == status for result in results) for status in api.RowStatus}
        assert counts == {
            "added": 4400,
            "already": 100,
            "invalidated": 100,
            "unknown_user": 200,
            "duplicate": 200,
            "ambiguous": 0,
            "malformed": 0,
        }
        # Nobody is enrolled, which the rows that were added say.
        assert all(result.message for result in results)
        assert all("not enrolled" in result.message for result in results if result.status == "added")
        active = AllowlistEntry.objects.filter(is_active=True)
        assert active.count() == 4500
        assert CertificateEvent.objects.filter(subject="allowlist").count() == 4400
        again = api.import_allowlist(key, io.BytesIO(content))
        assert sum(result.status == "already" for result in again) == 4500
        assert active.count() == 4500

    def test_what_was_broken_off_is_completed_by_the_same_file(self, key, world, monkeypatch):
        names = [user.username for user in UserFactory.create_batch(30)]
        text = "\n".join(names)
        monkeypatch.setattr(allowlist_import, "BATCH_SIZE", 10)
        histories = []

        def die_in_the_third(execute, sql, *arguments):
            if sql.startswith("INSERT") and "lcred_certificate_event" in sql:
                histories.append(sql)
                if len(histories) == 3:
                    raise KeyboardInterrupt
            return execute(sql, *arguments)

        with without_evaluation(), pytest.raises(KeyboardInterrupt), connection.execute_wrapper(die_in_the_third):
            import_text(key, text)
        assert AllowlistEntry.objects.count() == 20
        assert CertificateEvent.objects.filter(subject="allowlist").count() == 20
        results = import_text(key, text)
        assert [result.status.value for result in results] == ["already"] * 20 + ["added"] * 10
        assert CertificateEvent.objects.filter(subject="allowlist").count() == 30

    def test_the_same_file_by_two_at_once(self, key):
        names = [user.username for user in UserFactory.create_batch(40)]
        with without_evaluation():
            results = at_once(
                lambda: import_text(key, "\n".join(names)), lambda: import_text(key, "\n".join(reversed(names)))
            )
        assert_no_errors(results)
        assert AllowlistEntry.objects.filter(is_active=True).count() == 40
        assert CertificateEvent.objects.filter(subject="allowlist").count() == 40
        statuses = [result.status.value for side in results for result in side]
        assert sorted(statuses) == ["added"] * 40 + ["already"] * 40

    def test_results_as_csv_hold_no_formula(self, key):
        results = import_text(key, "=cmd|' /C calc'!A0,x\n+1,x\n@SUM(A1),x\n-2+3,x\nplain,x\n")
        stream = io.StringIO()
        write_allowlist_results(results, stream)
        rows = list(csv.DictReader(io.StringIO(stream.getvalue())))
        assert [row["identifier"][0] for row in rows] == ["'", "'", "'", "'", "p"]
        assert {row["status"] for row in rows} == {"unknown_user"}
        assert [row["line"] for row in rows] == ["1", "2", "3", "4", "5"]


class TestCommand:
    def test_prints_one_line_a_row_and_fails_when_some_are_refused(self, learner, key, tmp_path):
        path = tmp_path / "allowlist.csv"
        path.write_text(f"user name,notes\n{learner.username},Ill\nnobody,x\n", encoding="utf-8")
        stdout, stderr = io.StringIO(), io.StringIO()
        with pytest.raises(CommandError, match="1 of 2"):
            call_command("import_allowlist", str(path), context=key, stdout=stdout, stderr=stderr)
        rows = list(csv.DictReader(io.StringIO(stdout.getvalue())))
        assert [(row["line"], row["status"]) for row in rows] == [("2", "added"), ("3", "unknown_user")]
        assert "1 added" in stderr.getvalue()
        assert get_status(learner, key) == "downloadable"

    def test_says_what_is_wrong_with_the_file(self, key, tmp_path):
        with pytest.raises(CommandError, match="cannot be read"):
            call_command("import_allowlist", str(tmp_path / "none.csv"), context=key)
        path = tmp_path / "allowlist.csv"
        path.write_bytes(b"\xe9")
        with pytest.raises(CommandError, match="import_file_unusable"):
            call_command("import_allowlist", str(path), context=key)


JUNK = st.text(alphabet=st.sampled_from("ab@.,;\t\"'\n\r \0\ufeffé=\ud800"), max_size=8)


class TestParser:
    @given(st.text() | JUNK)
    def test_never_fails_and_finds_all_there_is(self, text):
        rows = allowlist_csv.parse(io.StringIO(f"x\n{text}", newline=""))
        lines = [row.line for row in rows]
        assert (rows[0].line, rows[0].identifier, rows[0].problem) == (1, "x", "")
        assert all(before < after for before, after in pairwise(lines))
        assert all(row.problem or row.identifier for row in rows)
        if any(character.isalnum() for character in text):
            assert len(rows) > 1

    @given(st.lists(JUNK, max_size=12), st.sampled_from(",;\t"))
    def test_every_learner_is_accounted_for_once(self, junk, delimiter):
        text = ""
        named = {}
        for number, noise in enumerate(junk):
            named[f"<{number}>"] = len(io.StringIO(f"{text}x", newline="").readlines())
            text += f"<{number}>{delimiter}{noise}\n"
        rows = allowlist_csv.parse(io.StringIO(text, newline=""))
        for name, line in named.items():
            row = next(row for row in reversed(rows) if row.line <= line)
            holds = [other for other in rows if name in other.identifier + other.notes]
            if row.problem:
                assert holds in ([], [row])
            else:
                assert holds == [row]
                # Where the noise begins with another sign that parts columns, either may be meant.
                assert row.identifier.startswith(name) or row.line < line

    @given(
        st.lists(
            st.tuples(
                st.text(alphabet="abcé@.+-_", min_size=1, max_size=12),
                st.text(
                    alphabet=st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('\n,;\t"'), max_size=20
                ),
            ),
            max_size=20,
        ),
        st.sampled_from(",;\t"),
        st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    )
    def test_reads_back_what_a_spreadsheet_writes(self, table, delimiter, encoding):
        stream = io.StringIO(newline="")
        csv.writer(stream, delimiter=delimiter).writerows([["username", "notes"], *table])
        rows = allowlist_csv.parse(io.BytesIO(stream.getvalue().encode(encoding)))
        assert [row.problem for row in rows] == [""] * len(table)
        assert [row.identifier for row in rows] == [name for name, _notes in table]
        assert [row.notes for row in rows] == [trim(notes) for _name, notes in table]
