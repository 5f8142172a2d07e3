"""How the address of every page is asked for something of another course run. Enter a new page in `PROBES`.

`test_scope_everywhere.py` reads the addresses of the app from Django's resolver. It fails for an address without an entry here, so nobody
can add a page without saying how a colleague with one course run could misuse it. For most pages one word is enough:

``ROW``
    The page is about one row of the model in its name: ``learning_credentials_<model>_<page>`` with one argument. It is asked about the row
    of the other course run by GET and by POST, and must answer 404, 403 or a redirect that says nothing. About the colleague's own row it
    must say nothing of the other one. A superuser must reach the other row, or the test would show nothing.
``LIST``
    The page has no argument: a list, a form to add rows. It must say nothing of the other course run.
``SHARED``
    The page is about one row that course runs share, such as an asset. It must say nothing of other course runs, and a POST is refused.
``NOBODY_LIMITED``
    Only accounts that are not limited can do this, such as giving grants.
``NOBODY``
    Nobody can do this, not even a superuser.
``SITE``
    The page is technical and about the whole site. A colleague with one course run does not see it.
``Custom(function)``
    Anything else: the function gets a client, the scene and the place (``OWN`` or ``OTHER``). It asks, and returns the responses. They must
    contain nothing of the other course run. With ``refused=True``, each answer about the other course run must also be a refusal, and each
    answer about the own one must not.

The texts that no answer may contain are in `Scene.list_hidden`. After everything was asked, no row of the other course run has changed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from tests.integration.scope_scene import OTHER, OTHER_KEY, OWN, OWN_KEY

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from tests.integration.scope_scene import Scene

ROW, LIST, SHARED, SITE, NOBODY = "row", "list", "shared", "site", "nobody"
NOBODY_LIMITED = "nobody limited"


@dataclass(frozen=True)
class Custom:
    """A function that asks one address for something of a place. ``refused``: each answer about the other course run must be a refusal."""

    ask: Callable[[Client, Scene, str], list[Any]]
    refused: bool = False


#: What a form of any page may ask for. A page takes the inputs that it knows.
ANSWERS = {
    "confirm": "1",
    "reason": "because",
    "notes": "because",
    "post": "yes",
    "expires_at_0": "2030-01-01",
    "expires_at_1": "00:00:00",
    "date": "2026-02-03",
    "statuses": ["downloadable"],
    "action": "delete_selected",
}


def _url(name: str, *args: object) -> str:
    return reverse(f"admin:learning_credentials_{name}", args=args)


def _key(place: str) -> str:
    return OWN_KEY if place == OWN else OTHER_KEY


def _ask_for_acts(client: Client, scene: Scene, place: str) -> list[Any]:
    learner = scene.learners[place].username
    asked = ({}, {"course": _key(place)}, {"person": learner}, {"first": "2026-01-01", "last": "2026-12-31"})
    return [client.get(_url("overview_acts"), query) for query in asked]


def _suggest(model: str) -> Custom:
    def ask(client: Client, scene: Scene, place: str) -> list[Any]:
        word = "Open" if place == OWN else "Umbra"
        return [client.get(_url(f"{model}_contexts"), {"q": text}) for text in ("", word, _key(place))]

    return Custom(ask)


def _add(name: str, make: Callable[[Scene, str], dict[str, Any]]) -> Custom:
    """Ask for the empty form, and post one about a course run."""

    def ask(client: Client, scene: Scene, place: str) -> list[Any]:
        responses = [client.get(_url(name))]
        if place == OTHER:
            # The form repeats what was typed. Its errors must say nothing more.
            answer = client.post(_url(name), make(scene, place))
            assert answer.status_code in {200, 302, 403, 404}, answer.status_code
        return responses

    return Custom(ask)


def _about_learner(scene: Scene, place: str) -> dict[str, Any]:
    learner = scene.learners[OWN].username  # somebody who is not barred in the other course run yet
    return {"learner": learner, "context_key": _key(place), "notes": "because"}


def _course_certificate(scene: Scene, place: str) -> dict[str, Any]:
    return {"course_key": _key(place) + "x", "certificate_type": "honor", "is_active": "on"}


def _configuration(scene: Scene, place: str) -> dict[str, Any]:
    return {
        "learning_context_key": _key(place),
        "credential_type": scene.shared_type.pk,
        "interval": "1 day",
        "custom_options": "{}",
        "is_enabled": "on",
    }


def _upload(client: Client, scene: Scene, place: str) -> list[Any]:
    from django.core.files.uploadedfile import SimpleUploadedFile

    url = _url("allowlistentry_upload")
    file = SimpleUploadedFile("learners.csv", scene.learners[place].username.encode(), "text/csv")
    responses = [client.get(url)]
    if place == OTHER:
        answer = client.post(url, {"context_key": OTHER_KEY, "file": file})
        assert "csv;base64" not in answer.content.decode()
    return responses


def _criteria(model: str) -> Custom:
    def ask(client: Client, scene: Scene, place: str) -> list[Any]:
        url = _url(f"{model}_criteria")
        row, own_type = scene.get(model, place), scene.get("credentialtype", place)
        posted = {"custom_options": "{}", "retrieval_func": "learning_credentials.processors.retrieve_completions"}
        about = {"learning_context_key": _key(place), "credential_type": own_type.pk}
        return [
            client.post(f"{url}?object={row.pk}", posted),
            client.post(url, {**posted, **(about if model == "credentialconfiguration" else {})}),
            client.post(url, {**posted, "learning_context_key": _key(place), "credential_type": scene.shared_type.pk}),
        ]

    return Custom(ask)


def _design(model: str, page: str = "design") -> Custom:
    """Ask the designer about a row, and about what only the form says."""

    def ask(client: Client, scene: Scene, place: str) -> list[Any]:
        url = _url(f"{model}_{page}")
        row, own_type = scene.get(model, place), scene.get("credentialtype", place)
        generator = "learning_credentials.generators.generate_pdf_credential"
        posted = {"custom_options": "{}", "scale": 20, "generation_func": generator, "sample": "longest"}
        about = {"learning_context_key": _key(place), "credential_type": own_type.pk}
        learner = {"q": scene.learners[place].username, "name": "Courier"}
        return [
            client.post(f"{url}?object={row.pk}", posted),
            client.post(
                f"{url}?object={row.pk}", {**posted, "custom_options": '{"text_elements": {"name": {"y": "high"}}}'}
            ),
            client.post(url, {**posted, **(about if model == "credentialconfiguration" else {})}),
            client.get(url, {"object": row.pk, **learner}),
            client.get(url, learner),
        ]

    return Custom(ask)


def _type_options(client: Client, scene: Scene, place: str) -> list[Any]:
    url = _url("credentialconfiguration_type_options")
    row = scene.get("credentialtype", place)
    return [client.get(url, {name: row.pk}) for name in ("type", "credential_type", "pk", "id")]


def _example_file(client: Client, scene: Scene, place: str) -> list[Any]:
    return [client.get(_url("examplecredentialset_artifact", scene.get("examplecredential", place).uuid))]


def _list_act(client: Client, scene: Scene, place: str) -> list[Any]:
    """Give a list with a credential and a learner, and open the page of the job that comes of it."""
    row = scene.get("credential", place)
    responses = []
    for given in (str(row.verify_uuid), row.verify_code, scene.learners[place].username):
        url = _url("credential_list_act", "invalidate")
        answer = client.post(url, {"pasted": given, "reason": "because"}, follow=True)
        # The page repeats what was given, so only what it adds counts.
        answer.content = answer.content.replace(given.encode(), b"")
        responses.append(answer)
    issue = {"pasted": scene.learners[place].username, "configuration": scene.get("credentialconfiguration", place).pk}
    answer = client.post(_url("credential_list_act", "issue"), issue)
    answer.content = answer.content.replace(issue["pasted"].encode(), b"")
    return [client.get(_url("credential_list_act", "invalidate")), *responses, answer]


def _sources(model: str) -> Custom:
    def ask(client: Client, scene: Scene, place: str) -> list[Any]:
        kinds = ("contexts", "titles", "categories", "policies", "languages", "assets")
        asked = [{"kind": kind, "key": _key(place), "q": _key(place)[10:15]} for kind in kinds]
        return [client.get(_url(f"{model}_option_sources"), about) for about in asked]

    return Custom(ask)


def _job(page: str) -> Custom:
    """Ask for a job. The colleague's own ones are those that she requested."""

    def ask(client: Client, scene: Scene, place: str) -> list[Any]:
        from learning_credentials.models import Job

        job = scene.get("job", place)
        if place == OWN:
            Job.objects.filter(pk=job.pk).update(requested_by=client.session["_auth_user_id"])
            return [client.get(_url(page, job.pk))]
        return [client.get(_url(page, job.pk)), client.post(_url(page, job.pk), {**ANSWERS, "plan": "plan"})]

    return Custom(ask, refused=True)


def _learner(page: str, model: str = "") -> Custom:
    """Ask for the other learner, and for a row of the other course run on the page of the colleague's own learner."""

    def ask(client: Client, scene: Scene, place: str) -> list[Any]:
        learner, mine = scene.learners[place], scene.learners[OWN]
        args = [scene.get(model, place).pk] if model else []
        urls = [_url(page, learner.pk, *args)]
        if model and place == OTHER:
            urls.append(_url(page, mine.pk, *args))
        posted = [client.post(url, {**ANSWERS, "full_name": "Somebody Else"}) for url in urls] if place == OTHER else []
        return [*(client.get(url) for url in urls), *posted]

    return Custom(ask, refused=True)


def _find_learner(client: Client, scene: Scene, place: str) -> list[Any]:
    row, learner = scene.get("credential", place), scene.learners[place]
    responses = []
    for text in (learner.username, learner.email, learner.first_name, str(row.verify_uuid), row.verify_code):
        answer = client.get(_url("learner_changelist"), {"q": text})
        answer.content = answer.content.replace(text.encode(), b"")
        responses.append(answer)
    return responses


def _rows(model: str, *pages: str) -> dict[str, Any]:
    return dict.fromkeys((f"{model}_{page}" for page in pages), ROW)


def _plain(model: str, kind: str = ROW, *, added: Any = LIST) -> dict[str, Any]:
    """Return the pages that Django makes for every model."""
    pages: dict[str, Any] = {
        f"{model}_changelist": LIST if kind != SITE else SITE,
        f"{model}_add": added if kind != SITE else SITE,
    }
    return {**pages, **dict.fromkeys((f"{model}_{page}" for page in ("history", "delete", "change")), kind)}


PROBES: dict[str, Any] = {
    "credentialconfiguration_proof": ROW,
    "overview_acts": Custom(_ask_for_acts),
    "overview_checks": Custom(lambda client, _scene, _place: [client.get(_url("overview_checks"))]),
    **_plain("allowlistentry", added=_add("allowlistentry_add", _about_learner)),
    **_rows("allowlistentry", "end"),
    "allowlistentry_contexts": _suggest("allowlistentry"),
    "allowlistentry_upload": Custom(_upload),
    **_plain("certificateinvalidation", added=_add("certificateinvalidation_add", _about_learner)),
    **_rows("certificateinvalidation", "end"),
    "certificateinvalidation_contexts": _suggest("certificateinvalidation"),
    **_plain("contextgrant", added=NOBODY_LIMITED),
    "contextgrant_contexts": _suggest("contextgrant"),
    "contextgrant_end": NOBODY_LIMITED,
    "contextgrant_people": NOBODY_LIMITED,
    "contextgrant_rights": NOBODY_LIMITED,
    **_plain("coursecertificate", added=_add("coursecertificate_add", _course_certificate)),
    **_rows("coursecertificate", "refresh", "regenerate", "examples", "issued", "kept"),
    "coursecertificate_contexts": _suggest("coursecertificate"),
    **_plain("credential"),
    **_rows(
        "credential",
        *("invalidate", "reissue", "renew", "change_expiry", "lift_block", "override_date", "retry", "artifact"),
    ),
    **_rows("credential", "undo", "undo_revocation", "call_back", "release"),
    "credential_list": LIST,
    "credential_list_act": Custom(_list_act),
    **_plain("credentialasset", SHARED),
    "credentialasset_file": SHARED,
    **_plain("credentialconfiguration", added=_add("credentialconfiguration_add", _configuration)),
    **_rows("credentialconfiguration", "generate", "dry_run", "preview", "examples", "issued", "copy"),
    "credentialconfiguration_contexts": _suggest("credentialconfiguration"),
    "credentialconfiguration_criteria": _criteria("credentialconfiguration"),
    "credentialconfiguration_option_sources": _sources("credentialconfiguration"),
    **{
        f"{model}_{page}": _design(model, page)
        for model in ("credentialconfiguration", "credentialtype")
        for page in ("design", "design_panel", "design_font", "design_learners")
    },
    "credentialtype_option_sources": _sources("credentialtype"),
    "credentialconfiguration_type_options": Custom(_type_options),
    **_plain("credentialtype"),
    **_rows("credentialtype", "copy"),
    "credentialtype_designs": LIST,
    "credentialtype_designs_picture": LIST,
    "credentialtype_criteria": _criteria("credentialtype"),
    **_plain("examplecredentialset"),
    "examplecredentialset_artifact": Custom(_example_file),
    **_plain("generationrun"),
    **_rows("generationrun", "progress", "retry", "pause", "continue", "cancel", "undo"),
    **_plain("hostmessage"),
    **_plain("issuer", SHARED),
    **{
        f"job_{page}": _job(f"job_{page}")
        for page in (
            "change",
            "history",
            "confirm",
            "discard",
            "approve",
            "decline",
            "stop",
            "continue",
            "options",
            "progress",
            "results",
        )
    },
    "job_changelist": LIST,
    "job_add": NOBODY,
    "job_delete": NOBODY,
    "learner_changelist": Custom(_find_learner),
    "learner_change": _learner("learner_change"),
    **{f"learner_{page}": _learner(f"learner_{page}", "credentialconfiguration") for page in ("issue", "allow")},
    "learner_bar": _learner("learner_bar", "certified"),
    "learner_lift": _learner("learner_lift", "certificateinvalidation"),
    **{f"learner_{page}": _learner(f"learner_{page}", "credential") for page in ("name", "mail")},
    **_plain("learnercertificate"),
    **_rows("learnercertificate", "evaluate", "invalidate", "revalidate"),
    **_plain("mailhold"),
    **_rows("mailhold", "call_back", "release"),
    **_plain("signatory", SHARED),
    **_plain("statuslist", SITE),
    **_plain("strayplace", SITE),
    **_plain("webhook", SITE),
    **dict.fromkeys(("webhook_test", "webhook_secret"), SITE),
    **_plain("webhookdelivery", SITE),
}


# Outside the admin. Pages that answer everybody alike are in the table of `test_access.py`.


def _post(client: Client, path: str, body: Any, method: str = "POST") -> Any:
    return client.generic(
        method, f"/api/learning_credentials/v1/{path}", json.dumps(body), content_type="application/json"
    )


def _get_context(path: str) -> Custom:
    return Custom(lambda client, scene, place: [client.get(f"/api/learning_credentials/v1/{path}/{_key(place)}/")])


def _eligibility(client: Client, scene: Scene, place: str) -> list[Any]:
    url = f"/api/learning_credentials/v1/eligibility/{_key(place)}/"
    return [client.get(url), client.get(url, {"username": scene.learners[place].username})]


def _request(client: Client, scene: Scene, place: str) -> list[Any]:
    path = f"eligibility/{_key(place)}/{scene.get('credentialconfiguration', place).pk}/"
    crossed = f"eligibility/{OWN_KEY}/{scene.get('credentialconfiguration', place).pk}/"
    learner = scene.learners[place].username
    return [_post(client, way, body) for way in (path, crossed) for body in ({}, {"username": learner})]


def _status(client: Client, scene: Scene, place: str) -> list[Any]:
    query = {"lms_user_id": scene.learners[place].pk, "course_runs": [_key(place)]}
    return [_post(client, "learner_cert_status/", query)]


def _many_statuses(client: Client, scene: Scene, place: str) -> list[Any]:
    queries = [
        {"lms_user_id": scene.learners[each].pk, "course_runs": [_key(each)]} for each in dict.fromkeys((OWN, place))
    ]
    return [_post(client, "bulk_learner_cert_status/", queries)]


def _program(client: Client, scene: Scene, place: str) -> list[Any]:
    body = {"lms_user_id": scene.learners[place].pk, "program_uuid": "path-other"}
    return [_post(client, "learner_program_status/", body)] if place == OTHER else []


def _set_date(client: Client, scene: Scene, place: str) -> list[Any]:
    body = {"course_id": _key(place), "certificate_available_date": None}
    return [_post(client, "course_certificates/", body)]


def _change_date(client: Client, scene: Scene, place: str) -> list[Any]:
    path = f"course_certificates/{_key(place)}/"
    body = {"certificate_available_date": None}
    return [
        client.get(f"/api/learning_credentials/v1/{path}"),
        *(_post(client, path, body, method) for method in ("PUT", "PATCH")),
    ]


def _download(client: Client, scene: Scene, place: str) -> list[Any]:
    from tests.factories import CredentialFactory

    private = CredentialFactory(
        available=True,
        configuration=scene.get("private", place),
        content=b"Umbra file" if place == OTHER else b"Open file",
    )
    return [client.get(f"/credentials/{private.verify_uuid}/download/")]


def _indexing(client: Client, scene: Scene, place: str) -> list[Any]:
    return (
        [client.post(f"/credentials/{scene.get('credential', place).verify_uuid}/indexing/")] if place == OTHER else []
    )


OUTSIDE_ADMIN: dict[str, Custom] = {
    "credentials/": Custom(lambda client, scene, place: [client.get("/credentials/")]),
    "credentials/{verify_uuid}/download/": Custom(_download),
    "credentials/{verify_uuid}/indexing/": Custom(_indexing),
    "configured/{context_key}/": _get_context("configured"),
    "eligibility/{context_key}/": Custom(_eligibility),
    "eligibility/{context_key}/{configuration_id}/": Custom(_request),
    "learner_cert_status/": Custom(_status),
    "bulk_learner_cert_status/": Custom(_many_statuses),
    "learner_program_status/": Custom(_program),
    "course_certificates/": Custom(_set_date),
    "course_certificates/{course_key}/": Custom(_change_date),
}

#: What answers everybody alike.
PUBLIC = {
    "",
    "metadata/{verify_uuid}/",
    "verify/",
    "schema/",
    "credentials/did.json",
    "credentials/status/{list_id}/",
    "credentials/badge-images/",
    "credentials/badge-images/{slug}/",
    "credentials/verify/",
    "credentials/theme/{accent}.css",
    "credentials/{verify_uuid}/",
    *(
        f"credentials/{{verify_uuid}}/{page}"
        for page in ("logo/", "picture/", "share/", "qr.svg", "badge.json", "badge.png", "badge.svg", "achievement/")
    ),
}
#: Of these a colleague with one course run gets nothing, as programs are no course runs and the files are a learner's own.
NOT_FOR_COLLEAGUES = {"learner_program_status/", "credentials/{verify_uuid}/indexing/"}
#: Models whose rows belong to the whole site, or whose pages decide themselves who sees a row: those of jobs and of learners.
TECHNICAL_MODELS = {
    "badgeaddress",
    "job",
    "jobrow",
    "learner",
    "mailnote",
    "revokedplace",
    "statuslist",
    "strayplace",
    "unloggedrevocation",
    "webhook",
    "webhookdelivery",
}
