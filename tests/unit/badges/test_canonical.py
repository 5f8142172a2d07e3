"""The canonical form is that of JSON-LD and RDFC-1.0 as others wrote them; what they would drop is refused."""

from __future__ import annotations

import random
from typing import Any

import pyoxigraph
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning_credentials.badges.achievement import make_badge
from learning_credentials.badges.canonical import canonicalize
from learning_credentials.badges.contexts import CREDENTIALS_V2, OPEN_BADGES_V3
from learning_credentials.badges.status_list import BitList, make_status_list_credential
from learning_credentials.exceptions import MalformedBadgeError
from tests.badge_cases import BADGES, DID, LIST_URL, NOW, replace
from tests.bounds import computing_within
from tests.unit.badges.oracles import ask_oxigraph, ask_pyld
from tests.unit.badges.random_documents import change

CONTEXTS = [CREDENTIALS_V2, OPEN_BADGES_V3]
DOCUMENTS: dict[str, dict[str, Any]] = {
    **{name: make_badge(badge) for name, badge in BADGES.items()},
    "status list": make_status_list_credential(url=LIST_URL, issuer=DID, bits=BitList(), valid_from=NOW),
    "proof options": {
        "@context": CONTEXTS,
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": "2026-03-01T12:30:00Z",
        "verificationMethod": f"{DID}#z6Mk",
        "proofPurpose": "assertionMethod",
    },
}
#: Texts that any reader shows, with what N-Quads escapes.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
PLAIN_TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\r"), min_size=1, max_size=40
)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_other_programs_find_the_same(name: str) -> None:
    found = canonicalize(DOCUMENTS[name])

    assert found == ask_pyld(DOCUMENTS[name])
    assert found == ask_oxigraph(found.replace("_:c14n", "_:other"))


@settings(max_examples=settings().max_examples // 2, deadline=None)
@given(name=PLAIN_TEXTS, narrative=PLAIN_TEXTS, values=st.lists(PLAIN_TEXTS, min_size=1, max_size=6, unique=True))
def test_any_text_is_written_as_others_write_it(name: str, narrative: str, values: list[str]) -> None:
    document = replace(DOCUMENTS["everything"], ("credentialSubject", "achievement", "name"), name)
    document = replace(document, ("credentialSubject", "achievement", "criteria", "narrative"), narrative)
    document["credentialSubject"]["result"] = [{"type": ["Result"], "value": value} for value in values]

    assert canonicalize(document) == ask_pyld(document)


@settings(max_examples=settings().max_examples * 2, deadline=None)
@given(text=TEXTS)
def test_every_character_is_escaped_as_the_standard_says(text: str) -> None:
    found = canonicalize({"@context": CONTEXTS, "id": "urn:a:1", "name": text})

    # PyLD follows an older draft for controls; Oxigraph reads ours and writes the same.
    assert found == ask_oxigraph(found)
    (statement,) = pyoxigraph.parse(found, format=pyoxigraph.RdfFormat.N_QUADS)
    assert statement.object.value == text


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_random_documents_mean_the_same_to_others_or_are_refused(seed: int) -> None:
    source = random.Random(seed)
    accepted = 0

    while accepted < 60:
        document = change(source.choice(list(DOCUMENTS.values())), source)
        try:
            found = canonicalize(document)
        except MalformedBadgeError:
            continue
        assert found == ask_pyld(document)
        accepted += 1


def test_order_does_not_matter() -> None:
    document = DOCUMENTS["everything"]
    turned = _turn(document)

    assert list(turned) != list(document)
    assert canonicalize(turned) == canonicalize(document)


def _turn(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _turn(value[name], name) for name in reversed(value)}
    if isinstance(value, list) and key != "@context":
        return [_turn(item) for item in reversed(value)]
    return value


REFUSED = {
    "an unknown key": (("color",), "red", "color: is not defined"),
    "an unknown key within": (
        ("credentialSubject", "achievement", "colour"),
        "red",
        "credentialSubject.achievement.colour: is not",
    ),
    "a key of another type": (("issuer", "criteria"), "x", "issuer.criteria: is not defined"),
    "a key of what is around it": (
        ("credentialSubject", "achievement", "criteria", "achievementType"),
        "Course",
        "credentialSubject.achievement.criteria.achievementType: is not defined",
    ),
    "types that contradict": (
        ("credentialSubject", "achievement", "type"),
        ["Achievement", "Result"],
        "credentialSubject.achievement.type: has types that define the same term differently",
    ),
    "a key in a list": (("evidence", 0, "colour"), "red", "evidence[0].colour: is not defined"),
    "a keyword": (("@id",), "urn:a:1", "@id: is not defined"),
    "a value object": (("name",), {"@value": "x"}, "name.@value: is not defined"),
    "null": (("name",), None, "name: must be text"),
    "a number": (("credentialSubject", "result", 0, "value"), 88, "credentialSubject.result[0].value: must be text"),
    "text for a truth": (
        ("credentialSubject", "identifier", 0, "hashed"),
        "true",
        "credentialSubject.identifier[0].hashed: must be true or false",
    ),
    "a truth for text": (("name",), True, "name: must be text"),
    "an empty list": (("evidence",), [], "evidence: is empty"),
    "an empty object": (("evidence", 0), {}, "evidence[0]: is empty"),
    "a list in a list": (("evidence",), [[]], "evidence[0]: must be text"),
    "a relative address": (("issuer", "id"), "example", "issuer.id: must be an absolute address"),
    "an address with a space": (("issuer", "id"), "https://example.org/a b", "issuer.id: must be an absolute address"),
    "an address with dots": (("issuer", "id"), "https://example.org/a/../b", "issuer.id: must be an absolute address"),
    "a blank node by name": (("issuer", "id"), "_:b0", "issuer.id: must be an absolute address"),
    "an address that begins with a term": (("issuer", "id"), "name:x", "issuer.id: must be an absolute address"),
    "an id that is no text": (("id",), 1, "id: must be text"),
    "an unknown type": (("type",), ["VerifiableCredential", "Unknown"], "type: 'Unknown' is not defined"),
    "no types": (("type",), [], "type: must be 1 to 4 names"),
    "many types": (("type",), ["VerifiableCredential"] * 5, "type: must be 1 to 4 names"),
    "an object for a time": (("validFrom",), {"id": "urn:a:1"}, "validFrom: must be a plain value"),
    "half a character": (("name",), "\ud800", "name: contains a character that is not text"),
    "half a character in an address": (("id",), "urn:a:\ud800", "id: contains a character that is not text"),
    "a list that keeps its order": (
        ("credentialSubject", "achievement", "resultDescription", 0, "allowedValue"),
        ["A", "B"],
        "credentialSubject.achievement.resultDescription[0].allowedValue: cannot be used in badges",
    ),
    "a context of its own": (("issuer", "@context"), CREDENTIALS_V2, "issuer.@context: is not defined"),
    "another context": (
        ("@context",),
        [CREDENTIALS_V2, "https://example.org/context"],
        "@context: badges cannot use the context",
    ),
    "a context in place": (
        ("@context",),
        [CREDENTIALS_V2, {"color": "urn:color"}],
        "@context: must be a list of addresses",
    ),
    "no context": (("@context",), [], "@context: must name 1 to 4 contexts"),
    "contexts over and over": (("@context",), CONTEXTS * 3, "@context: must name 1 to 4 contexts"),
}


@pytest.mark.parametrize(("path", "value", "message"), REFUSED.values(), ids=REFUSED)
def test_what_would_not_be_signed_is_refused(path: tuple[Any, ...], value: Any, message: str) -> None:
    document = replace(DOCUMENTS["everything"], path, value)

    with pytest.raises(MalformedBadgeError) as caught:
        canonicalize(document)

    assert str(caught.value).startswith(message)


def test_parts_that_are_alike_are_refused_at_once() -> None:
    # In general such a document takes time that grows with the factorial of their number.
    document = replace(
        DOCUMENTS["everything"], ("evidence",), [{"type": ["Evidence"], "name": "twin"} for _ in range(200)]
    )

    with computing_within(2), pytest.raises(MalformedBadgeError, match="nothing distinguishes them"):
        canonicalize(document)


@pytest.mark.parametrize(
    "value",
    [
        [{"type": ["Evidence"], "name": str(number)} for number in range(3000)],
        [{"type": ["Evidence"], "narrative": "x" * 1_100_000}],
        [{"id": "urn:a:1", "type": ["Evidence"]}] * 3000,
    ],
    ids=["many parts", "a long text", "one part over and over"],
)
def test_huge_documents_are_refused(value: Any) -> None:
    with pytest.raises(MalformedBadgeError, match="too large"):
        canonicalize(replace(DOCUMENTS["everything"], ("evidence",), value))


def test_deep_documents_are_refused() -> None:
    endless: dict[str, Any] = {"id": "urn:a:1", "type": ["Profile"], "name": "last"}
    for _ in range(5000):
        endless = {"id": "urn:a:1", "type": ["Profile"], "parentOrg": endless}

    with pytest.raises(MalformedBadgeError, match="deeper than"):
        canonicalize({**DOCUMENTS["everything"], "issuer": endless})
