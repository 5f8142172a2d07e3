"""Prepared templates render what Django renders, also for templates of the host, and notice what they cannot prepare."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from django.template import loader
from django.test import RequestFactory
from django.utils import translation

from learning_credentials import api
from learning_credentials.web.describing import describe, describe_page
from learning_credentials.web.prepared_templates import get_template
from tests.factories import CredentialFactory

LANGUAGES = ("en", "fr", "ar", "pt-br")
BASE = (
    "{% load i18n %}{% get_current_language as LANG %}<html lang='{{ LANG }}'>{% block head %}"
    "<title>{% block title %}{% translate 'Credentials' %}{% endblock %}</title>{% endblock %}"
    "{% block body %}{% if name %}{{ name }}{% else %}{% translate 'Share' %}{% endif %}{% endblock %}{{ LANG }}</html>"
)
CHILD = "{% extends 'base.html' %}{% load i18n static %}"
CASES = {
    "a template without blocks": "{% load i18n %}{% translate 'Download' %} {{ name }} {{ number }} {{ none }} {{ missing }}",
    "a block inside a block": CHILD + "{% block title %}{% translate 'Valid' context 'credential' %}{% endblock %}",
    "a block around a block": CHILD + "{% block head %}<b>{% block title %}mine{% endblock %}</b>{% endblock %}",
    "the parent's block": CHILD
    + "{% block head %}[{{ block.super }}]{% endblock %}{% block body %}{{ block.super }}!{% endblock %}",
    "the parent's block in a branch": CHILD + "{% block body %}{% if name %}{{ block.super }}{% endif %}{% endblock %}",
    "a variable of a block": CHILD + "{% block title %}{% translate 'Share' as LANG %}{{ LANG }}{% endblock %}",
    "a variable of the parent's block": "{% extends 'naming.html' %}{% block body %}{{ block.super }}{{ LANG }}{% endblock %}",
    "a variable in a branch": CHILD + "{% block body %}{% if name %}{% static 'x' as LANG %}{% endif %}{% endblock %}",
    "a loop": CHILD
    + "{% block body %}{% for x in items %}{{ forloop.counter }}{{ x }}{% empty %}{% translate 'Share' %}{% endfor %}{% endblock %}",
    "an empty loop": CHILD
    + "{% block body %}{% for x in none %}{{ x }}{% empty %}{% translate 'Share' %}{% endfor %}{% endblock %}",
    "values of many kinds": (
        CHILD
        + "{% block body %}{{ thing.name }} {{ thing.item.name }} {{ thing.method }} {{ thing.items }} {{ thing.item.missing.name }}"
        "{{ table.key }} {{ table.items }} {{ table.missing }} {{ items.0 }} {{ items.9 }} {{ function }} {{ function.name }}"
        "{{ none.name }} {{ both.name }} {{ caller.name }}"
        "{{ True }} {{ 'text' }} {{ 3 }} {{ _('Share') }} {{ name.upper }} {{ table.item.name|lower }}{% endblock %}"
    ),
    "conditions of many kinds": (
        CHILD
        + "{% block body %}{% if thing.name %}1{% endif %}{% if thing.method %}2{% endif %}{% if thing.missing %}3{% endif %}"
        "{% if table.key %}4{% endif %}{% if function %}5{% endif %}{% if not missing %}6{% endif %}{% if name == 'Grace' %}7{% endif %}"
        "{% if thing.item.missing.name %}8{% elif items %}9{% else %}0{% endif %}{% if none %}a{% elif True %}b{% endif %}{% endblock %}"
    ),
    "conditions with operators": (
        CHILD + "{% block body %}{% if thing.name == '<outer>' and not missing %}1{% endif %}"
        "{% if name == 'Grace' or thing.name in items %}2{% endif %}"
        "{% if number > 3 and thing.item.name != none %}3{% endif %}{% if number < name %}4{% else %}5{% endif %}"
        "{% if 2 in items %}6{% endif %}{% if 2 not in missing %}7{% endif %}{% if thing.method == '<<outer>>' %}8{% endif %}"
        "{% if none is None and missing is not True %}9{% endif %}{% if name|lower == name.lower %}a{% endif %}"
        "{% if _('Share') == 'Share' %}b{% elif table.key == '<value>' %}c{% endif %}{% if not name %}d{% endif %}{% endblock %}"
    ),
    "dates": (
        CHILD
        + "{% block body %}{{ day|date:'DATE_FORMAT' }} {{ day|date:'Y-m-d' }} {{ day|date }} {{ day|date:form }} {{ day|date:'' }} "
        "{{ day }} {{ day|date:'l'|upper }} {{ thing.day|date:'j. F' }} {{ table.day|date:'j. F' }} {{ items.2|date:'DATE_FORMAT' }} "
        "{{ items.2|date:'H' }} {{ missing|date:'Y' }} {{ none|date:'Y' }} {{ thing|date:'Y' }} {{ word|date:'Y' }}{% endblock %}"
    ),
    "a text that is not constant": CHILD
    + "{% block body %}{% translate word %}{% translate 'Share'|add:LANG %}{% endblock %}",
    "a text with a value": CHILD
    + "{% block body %}{% blocktranslate with date=name %}Issued on {{ date }}{% endblocktranslate %}{% endblock %}",
    "no escaping": CHILD
    + "{% block body %}{% autoescape off %}{{ name }}{% endautoescape %}{{ name|safe }}{{ name }}{% endblock %}",
    "a missing block": CHILD + "{% block other %}never seen{% endblock %}",
    "three templates": "{% extends 'naming.html' %}{% block title %}3{{ block.super }}{% endblock %}",
    "an included template": CHILD + "{% block body %}{% include 'base.html' %}{% endblock %}",
}
UNUSUAL = {
    "a parent that a variable names": "{% extends parent %}{% block body %}{{ name }}{% endblock %}",
    "a condition on the parent's block": CHILD
    + "{% block body %}{% if block.super %}{{ block.super }}{% endif %}{% endblock %}",
    "the parent's block in another tag": CHILD
    + "{% block body %}{% with a=1 %}{{ block.super }}{% endwith %}{% endblock %}",
    "the name of the block": CHILD + "{% block body %}{{ block.name }}{% endblock %}",
    "a block in another tag": "{% extends 'spaceless.html' %}{% block body %}mine{% endblock %}",
}
PARENTS = {
    "base.html": BASE,
    "naming.html": CHILD
    + "{% block title %}2{{ block.super }}{% endblock %}{% block body %}{% translate 'Share' as LANG %}{{ LANG }}{% endblock %}",
    "spaceless.html": "{% spaceless %}<p> <b>{% block body %}{% endblock %}</b> </p>{% endspaceless %}",
}


@dataclass
class Thing:
    """An object with attributes, a method and no items."""

    name: str
    item: Thing | None = None
    day: date = date(2026, 2, 1)

    def method(self):
        return f"<{self.name}>"


class Both(dict):
    """A mapping whose items come before its attributes."""

    name = "attribute"


class Caller:
    """An object that templates call before they read an attribute."""

    name = "of the caller"

    def __call__(self):
        return Thing("of what was called")


VALUES = {
    "both": Both(name="item"),
    "caller": Caller(),
    "thing": Thing("<outer>", Thing("inner")),
    "table": {"key": "<value>", "items": "mine", "item": Thing("IN A TABLE"), "day": date(2026, 3, 1)},
    "day": date(2026, 5, 1),
    "function": lambda: Thing("returned"),
    "name": "<Ada & 'Co'>",
    "number": 1234.5,
    "none": None,
    "items": ["<a>", 2, datetime(2026, 6, 1, tzinfo=UTC)],
    "word": "Share",
    "form": "Y",
    "parent": "base.html",
}


@pytest.fixture
def add_templates(settings):
    def add(templates):
        loaders = [("django.template.loaders.cached.Loader", [("django.template.loaders.locmem.Loader", templates)])]
        backend = "django.template.backends.django.DjangoTemplates"
        settings.TEMPLATES = [{"BACKEND": backend, "OPTIONS": {"loaders": loaders, "string_if_invalid": "(invalid)"}}]

    return add


def render_both(name, context, language):
    """Return what Django renders, and what the prepared template renders at its first and at its second use."""
    request = RequestFactory().get("/")
    request.META["CSRF_COOKIE"] = "b" * 32
    with translation.override(language):
        texts = [
            made(name).render(dict(context), request) for made in (loader.get_template, get_template, get_template)
        ]
    # A token has a new mask each time.
    expected, *rendered = (re.sub(r'(name="csrfmiddlewaretoken" value)="\w+"', r"\1", text) for text in texts)
    return expected, rendered


def is_prepared(name):
    return get_template(name).template is not loader.get_template(name).template


@pytest.mark.parametrize("case", CASES)
def test_a_prepared_template_renders_the_same(add_templates, case):
    add_templates({**PARENTS, "page.html": CASES[case]})
    assert is_prepared("page.html")
    found = set()
    for language in LANGUAGES:
        for context in (VALUES, {}, {**VALUES, "name": "Grace", "LANG": "outer"}):
            expected, rendered = render_both("page.html", context, language)
            assert rendered == [expected, expected]
            found.add(expected)
    assert len(found) >= len(LANGUAGES)


@pytest.mark.parametrize("case", UNUSUAL)
def test_django_renders_an_unusual_template(add_templates, case):
    add_templates({**PARENTS, "page.html": UNUSUAL[case]})
    assert not is_prepared("page.html")
    expected, rendered = render_both("page.html", VALUES, "fr")
    assert rendered == [expected, expected]


def test_a_host_extends_a_template_of_the_same_name(settings, tmp_path):
    theme = tmp_path / "learning_credentials"
    theme.mkdir()
    (theme / "base.html").write_text(
        '{% extends "learning_credentials/base.html" %}'
        "{% block header %}<p>Example University · {% block brand %}{{ block.super }}{% endblock %}</p>{% endblock %}"
    )
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    expected, rendered = render_both("learning_credentials/not_found.html", {}, "fr")
    assert rendered == [expected, expected]
    assert is_prepared("learning_credentials/not_found.html")
    assert "Example University · Vérification" in expected


def test_a_template_that_was_changed_is_prepared_again(add_templates):
    for text in ("{% load i18n %}{% translate 'Share' %}", "{% load i18n %}{% translate 'Download' %}"):
        add_templates({"page.html": text})
        expected, rendered = render_both("page.html", {}, "fr")
        assert rendered == [expected, expected]


def test_dates_follow_the_settings(add_templates, settings):
    add_templates({"page.html": "{{ day|date:'SHORT_DATE_FORMAT' }}"})
    texts = []
    for shown in ("Y/m/d", "d.m.Y"):
        settings.SHORT_DATE_FORMAT = shown
        expected, rendered = render_both("page.html", {"day": date(2026, 6, 1)}, None)
        assert rendered == [expected, expected]
        texts.append(expected)
    assert texts == ["2026/06/01", "01.06.2026"]


@pytest.mark.django_db
def test_the_pages_are_prepared_and_the_same_in_every_state():
    rows = [
        CredentialFactory(available=True, user_full_name="<Ada>", evidence={"grade": 0.9}),
        CredentialFactory(available=True, expires_at=datetime(2020, 6, 2, tzinfo=UTC)),
        CredentialFactory(invalidated=True, artifact_name="archive/x.txt", invalidation_reason="Wrong\n<grade>."),
    ]
    CredentialFactory(available=True, user=rows[2].user, configuration=rows[2].configuration, replaces=rows[2])
    found = set()
    for language in LANGUAGES:
        for row in rows:
            with translation.override(language):
                verification = api.verify_credential(row.verify_uuid)
                page, mine = describe_page(verification), {"credentials": [describe(verification)]}
            for name, context in (("credential", page), ("credential_list", mine)):
                expected, rendered = render_both(f"learning_credentials/{name}.html", context, language)
                assert rendered == [expected, expected]
                found.add(expected)
    assert len(found) == len(LANGUAGES) * len(rows) * 2
    for name in ("credential", "credential_list", "not_found", "gone", "unavailable", "verify", "download_refused"):
        assert is_prepared(f"learning_credentials/{name}.html"), name
