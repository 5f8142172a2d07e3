"""Ask the verifiers of badges that others wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from openbadgeslib.ob3.ldp import OB3LdpVerifier
from openvc import verify_credential
from openvc.did.did_web import DidWebResolver

from learning_credentials.badges.contexts import OPEN_BADGES_V3, load_context
from learning_credentials.badges.documents import write_document
from tests.badge_cases import DID, Site
from tests.services.pdf_tools import ask

HERE = Path(__file__).resolve().parent
PROGRAMS = HERE.parent.parent / "build" / "badge_verifiers"


def ask_node(site: Site, **badges: dict[str, Any]) -> dict[str, Any]:
    """What Digital Bazaar's and the Digital Credentials Consortium's verifiers and LearnCard say of each badge."""
    request = json.dumps({"documents": site.publish(), "badges": badges})
    if not (PROGRAMS / ".installed").exists():
        pytest.fail("needs verifiers, which `make test-services` installs", pytrace=False)
    answer = ask("node", HERE / "badges" / "verify.mjs", PROGRAMS, text=request)
    assert answer.status == 0, answer.complaints
    said = json.loads(answer.output.splitlines()[-1])
    hosts = {"purl.imsglobal.org", *(urlsplit(url).netloc for url in site.publish())}
    assert {urlsplit(url).netloc for url in said["asked"]} <= hosts
    return said["answers"]


def ask_openvc(site: Site, badge: dict[str, Any]) -> Any:
    documents = site.publish()
    resolver = DidWebResolver(fetch=documents.__getitem__)
    contexts = {OPEN_BADGES_V3: load_context(OPEN_BADGES_V3)}

    def verify(document: dict[str, Any], **options: Any) -> Any:
        # It takes no list of proofs, which the schema of badges asks for; a list of one says the same.
        (proof,) = document["proof"]
        return verify_credential({**document, "proof": proof}, resolver=resolver, extra_contexts=contexts, **options)

    return verify(badge, resolve_status_list=lambda url: verify(documents[url]).credential)


def ask_openbadgeslib(site: Site, badge: dict[str, Any], *, check_status: bool = True, did: str = DID) -> Any:
    documents = site.publish()
    verifier = OB3LdpVerifier.for_issuer_did(did)
    return verifier.verify(
        write_document(badge),
        check_status=check_status,
        download=lambda url: write_document(documents[url]).encode(),
        # It knows lists as JSON web tokens only.
        verify_status_list=False,
    )
