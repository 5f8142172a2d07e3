"""Text that no font can draw: refused with an error of its own, retried once there is a font, printed only where the type asks for it."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone
from pypdf import PdfReader

from learning_credentials import api
from learning_credentials.exceptions import AssetNotFoundError, GenerationError
from learning_credentials.models import Credential
from learning_credentials.models.asset_reader import DatabaseAssets
from learning_credentials.services.common.artifacts import open_file
from learning_credentials.services.issuing import create_examples
from learning_credentials.tasks import generate_all_credentials_task
from tests.factories import CredentialConfigurationFactory, IssuerFactory, SignatoryFactory, UserFactory
from tests.unit.pdf.font_making import make_font_of_languages

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]

KEY = "course-v1:A+B+C"
Status = Credential.Status


@pytest.fixture
def configure(world):
    """A configuration that gives everyone a PDF, in a course run of some name."""

    def make(name="Algebra", options=None, **values):
        world.add_course_run(KEY, name)
        return CredentialConfigurationFactory(
            learning_context_key=KEY,
            credential_type__retrieval_func="tests.plugins.retrieve_everyone",
            credential_type__generation_func="learning_credentials.generators.generate_pdf_credential",
            credential_type__custom_options=options or {},
            **values,
        )

    return make


@pytest.fixture
def issue(world):
    """Enrol a learner of some name, run the configuration, and return the learner's credential."""

    def run(configuration, name="Ada Example"):
        user = UserFactory(first_name=name, last_name="")
        world.enrol(user.pk, KEY)
        api.issue_pending_credentials(configuration.pk)
        return Credential.objects.get(user=user)

    return run


@pytest.fixture
def install_font(app_settings, tmp_path):
    """Put a font with 王 and 骨 on the server."""

    def install():
        (tmp_path / "languages.ttf").write_bytes(make_font_of_languages())
        app_settings(FALLBACK_FONTS=[str(tmp_path / "languages.ttf")])

    return install


def read_text(credential):
    with open_file(credential.artifact_name) as file:
        return PdfReader(io.BytesIO(file.read())).pages[0].extract_text()


@pytest.mark.parametrize(
    ("name", "points"),
    [
        ("김민수", ["김 (U+AE40, Hangul)", "민 (U+BBFC, Hangul)", "수 (U+C218, Hangul)"]),
        ("王小明 Ada", ["王 (U+738B, Han)"]),
        ("𠮷野", ["𠮷 (U+20BB7, Han)"]),
        ("さくら", ["さ (U+3055, Hiragana)", "For Hiragana: install the extra"]),
        ("𗀀𗀁", ["Tangut)", "For Tangut: install fonts-noto-core"]),
        ("𞊐𞊮", ["𞊐𞊮 (U+1E290 U+1E2AE, Toto)", "For Toto: download Noto Serif Toto"]),
        ("Ada \ue0aa", ["(U+E0AA, private use)"]),
        ("Ada \u0378", ["(U+0378, unassigned)"]),
        ("Ada 🜁", ["🜁 (U+1F701, symbol)"]),
    ],
)
def test_a_name_that_no_font_has_is_an_error_that_names_it(configure, issue, name, points):
    credential = issue(configure(), name)
    assert (credential.status, credential.error_code) == (Status.ERROR, "undrawable_text")
    assert "the learner's name" in credential.error_message
    assert all(point in credential.error_message for point in points)
    assert "FALLBACK_FONTS" in credential.error_message
    assert ("[cjk]" in credential.error_message) is any(script in points[0] for script in ("Han", "Hiragana"))
    assert credential.artifact_name == ""
    assert mail.outbox == []


@pytest.mark.parametrize(
    "name",
    [
        "Ada\u200b Exam\u200dple\ufeff",  # zero-width marks
        "Ada\ufe0f Example\U000e0100",  # variation selectors
        "\u202aAda\u202c \u2067Example\u2069\u200e",  # bidi controls
        "Zoe\u0308 Le\u0301",  # combining marks
        "Ada \u0301",  # a mark without a letter
        "Ada 👩🏽\u200d🎓",  # an emoji of four characters
        "བཀྲ་ཤིས།",
        "އަލީ",
        "ߡߡߊ߬ߘߎ߫ ꦏꦶ",  # two scripts
        "Ａｄａ",  # compatibility characters have a plain form
    ],
)
def test_what_shows_nothing_or_can_be_drawn_is_issued(configure, issue, name):
    credential = issue(configure(), name)
    assert (credential.status, credential.error_message) == (Status.AVAILABLE, "")


def test_each_place_is_named(configure, issue):
    configuration = configure(
        "数学",
        {"text_elements": {"place": {"text": "東京 {issue_date}", "y": 150}}},
        credential_type__name="証明書",
        credential_type__issuer=IssuerFactory(name="大学"),
    )
    person = SignatoryFactory(name="学長", title="", organisation="")
    configuration.credential_type.type_signatories.create(signatory=person, position=1)
    message = issue(configuration).error_message
    for place, character in (
        ("the name of the course or learning path", "数"),
        ("the text of the element 'place'", "東"),
        ("the name of the credential type", "証"),
        ("the issuer's name", "大"),
        ("the texts of signatory 1", "長"),
    ):
        assert f"no font can draw these characters of {place}: " in message
        assert character in message
    assert "learner's name" not in message


def test_a_date_that_no_font_has_is_refused(configure, issue):
    options = {
        "language": "ja",
        "text_elements": dict.fromkeys(("intro", "completed", "date_label", "verification_label"), False),
    }
    credential = issue(configure(options=options))
    assert credential.error_code == "undrawable_text"
    assert "these characters of the date of issue: 年 (U+5E74, Han)" in credential.error_message


def test_the_next_run_tries_again_and_issues_once_there_is_a_font(configure, issue, install_font):
    configuration = configure()
    credential = issue(configuration, "王骨")
    assert credential.status == Status.ERROR
    api.issue_pending_credentials(configuration.pk)
    credential.refresh_from_db()
    assert (credential.status, credential.attempts) == (Status.ERROR, 1), "tried again, and not worn out by it"
    install_font()
    api.issue_pending_credentials(configuration.pk)
    credential.refresh_from_db()
    assert (credential.status, credential.error_code) == (Status.AVAILABLE, "")
    assert "王骨" in read_text(credential)
    assert len(mail.outbox) == 1


def test_the_schedule_tries_again(configure, issue, install_font):
    configuration = configure(is_enabled=True)
    credential = issue(configuration, "王骨")
    install_font()
    type(configuration).objects.update(next_run_at=timezone.now() - timedelta(minutes=1))
    generate_all_credentials_task.delay()
    credential.refresh_from_db()
    assert credential.status == Status.AVAILABLE


def test_only_those_who_can_be_drawn_are_issued(configure, issue, world):
    configuration = configure()
    issue(configuration, "김민수")
    assert issue(configuration, "Ada Example").status == Status.AVAILABLE
    assert Credential.objects.filter(status=Status.ERROR).count() == 1


def test_staff_try_again(configure, issue, install_font):
    credential = issue(configure(), "王骨")
    install_font()
    assert api.retry_credentials([credential.pk]) == 1
    credential.refresh_from_db()
    assert credential.status == Status.AVAILABLE


def test_a_type_may_print_it_with_a_warning(configure, issue):
    credential = issue(configure(options={"undrawable_text": "print"}), "김민수")
    assert credential.status == Status.AVAILABLE
    assert "\N{REPLACEMENT CHARACTER}" in read_text(credential)
    (warning,) = credential.events.get(action="issued").detail["warnings"]
    assert "김 (U+AE40, Hangul)" in warning


def test_a_reissue_that_cannot_be_drawn_leaves_the_old_one(configure, issue, world):
    credential = issue(configure())
    user = credential.user
    user.first_name = "김민수"
    user.save()
    with pytest.raises(GenerationError, match="U\\+AE40") as caught:
        api.reissue_credential(credential.pk, reason="The name was corrected")
    assert caught.value.code == "undrawable_text"
    credential.refresh_from_db()
    assert (credential.status, credential.is_current) == (Status.AVAILABLE, True)


def test_previews_and_examples_say_so(configure):
    configuration = configure("数学")
    with pytest.raises(GenerationError) as caught:
        api.preview_credential(configuration.pk)
    assert caught.value.code == "undrawable_text"
    example = create_examples(KEY).examples.get()
    assert (example.status, example.error_code) == ("error", "undrawable_text")


def test_what_was_issued_with_boxes_stays(configure, issue):
    configuration = configure(options={"undrawable_text": "print"})
    credential = issue(configuration, "김민수")
    type(configuration.credential_type).objects.update(custom_options={})
    api.issue_pending_credentials(configuration.pk)
    credential.refresh_from_db()
    assert credential.status == Status.AVAILABLE


@pytest.mark.parametrize("slug", ["\ud800", "a\0b", "x" * 200, "é"])
def test_what_cannot_be_a_slug_names_no_asset(slug):
    for reader in (DatabaseAssets(), DatabaseAssets(["font"])):
        with pytest.raises(AssetNotFoundError):
            reader.get(slug)


def list_names(*arguments):
    printed = io.StringIO()
    call_command("list_undrawable_names", *arguments, stdout=printed)
    return printed.getvalue().splitlines()


def test_names_that_cannot_be_drawn_are_listed(configure, world, install_font):
    configure("数学", is_enabled=True)
    users = [UserFactory(first_name=name, last_name="") for name in ("Ada", "김민", "王骨", "Zoe\u0308\u200d")]
    for user in users:
        world.enrol(user.pk, KEY)
    course, korean, chinese, count = list_names()
    assert course == f"{KEY}\tthe name of the context\t数学\t数 (U+6570, Han), 学 (U+5B66, Han)"
    assert korean == f"{KEY}\tlearner {users[1].pk}\t김민\t김 (U+AE40, Hangul), 민 (U+BBFC, Hangul)"
    assert f"learner {users[2].pk}" in chinese
    assert count == "3 names cannot be drawn."
    install_font()
    assert list_names("--context", KEY)[-1] == "2 names cannot be drawn."
    world.outage = True
    with pytest.raises(CommandError, match="lms_unavailable"):
        list_names()
