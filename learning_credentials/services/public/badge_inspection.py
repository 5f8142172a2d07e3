"""Checks the badges in a file. Badges of this site are checked by their signatures; for others, the answer repeats what they say.

A badge is one of this site's if its issuer or its signature names an identifier of the site. A text that only mentions one is not enough.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from learning_credentials.badges import baking, claims, containers, polyglots
from learning_credentials.badges.keys import KeyRing, load_keys
from learning_credentials.badges.signing import verify_proof
from learning_credentials.conf import get_settings
from learning_credentials.data import FileKind, Finding, Inspection, Verdict
from learning_credentials.exceptions import (
    BadgeError,
    ChangedBadgeError,
    MalformedBadgeError,
    TooManyBadgesError,
    UnknownKeyError,
)
from learning_credentials.services.credentials import list_issuer_ids
from learning_credentials.services.public.inspected_files import (
    ID,
    ID_IN_TEXT,
    MAX_IDS,
    InspectedFile,
    find_named,
    judge,
)
from learning_credentials.services.public.inspection_texts import describe_several

if TYPE_CHECKING:
    from learning_credentials.badges.containers import Contents, FoundBadge
    from learning_credentials.badges.keys import VerifyingKey
    from learning_credentials.data import Verification

_ID_IN_BADGE = re.compile(rf"urn:uuid:({ID})")
#: How many signatures of one badge are checked. A wallet or another site can add its own.
_MAX_PROOFS = 3
_WORST_FIRST = (
    Verdict.CHANGED,
    Verdict.REVOKED,
    Verdict.REPLACED,
    Verdict.EXPIRED,
    Verdict.UNKNOWN,
    Verdict.UNCHANGED,
)


#: The finding for a badge of this site that names no visible credential, or a key that is not listed.
_UNKNOWN = {Finding.GOOD_SIGNATURE: Finding.UNKNOWN_CREDENTIAL, Finding.UNKNOWN_KEY: Finding.UNKNOWN_KEY}


class _Checked(NamedTuple):
    """A badge, the finding about it alone, and the ids of credentials that it names."""

    badge: FoundBadge
    finding: Finding
    ids: list[str]


def inspect_badges(file: InspectedFile) -> Inspection:
    """Return the answer about an image, a JSON text or a token: about its badge, or about each of its badges.

    Raises:
        ConfigurationError: the keys, ``BASE_URL`` or ``FORMER_BASE_URLS`` are wrong.
    """
    if not get_settings().SIGNING_KEYS:
        return file.answer_unknown()
    site = _Site()
    try:
        contents = _read(file, site)
    except TooManyBadgesError:
        return file.answer_unknown(Finding.TOO_MANY_BADGES)
    except MalformedBadgeError:
        return _answer_broken(file, site)
    checked = [site.check(badge) for item in contents for badge in item.badges]
    if len(checked) > containers.MAX_BADGES:
        return file.answer_unknown(Finding.TOO_MANY_BADGES)
    if not checked:
        return file.answer_unknown()
    named = find_named((key for item in checked for key in item.ids), most=MAX_IDS * containers.MAX_BADGES)
    around = _find_around(file, contents, checked)
    answers = [_answer(file, item, named, around) for item in checked]
    return answers[0] if len(answers) == 1 else _answer_several(file, answers)


def inspect_attached(file: InspectedFile, texts: list[str]) -> Inspection | None:
    """Return the answer about a PDF by a badge of this site that is attached to it, or None if there is none.

    Args:
        file: the PDF. It is not as it was issued, or not from this site.
        texts: the texts of its attached files.

    Raises:
        ConfigurationError: the keys, ``BASE_URL`` or ``FORMER_BASE_URLS`` are wrong.
    """
    if not texts or not get_settings().SIGNING_KEYS:
        return None
    site = _Site()
    badges: list[FoundBadge] = []
    for text in texts:
        with suppress(TooManyBadgesError, MalformedBadgeError):
            badges += containers.read(text, site.is_own).badges
    checked = [site.check(badge) for badge in badges[: containers.MAX_BADGES] if site.is_own(badge.document)]
    named = find_named((key for item in checked for key in item.ids), most=MAX_IDS * containers.MAX_BADGES)
    answers = [_answer(file, item, named, Finding.GOOD_SIGNATURE_WITHIN) for item in checked]
    found = [answer for answer in answers if answer.verification is not None]
    if not found:
        return None
    return found[0] if len(found) == 1 else _answer_several(file, found)


class _Site:
    """Has the identifiers and keys of the site."""

    def __init__(self) -> None:
        self.dids = {address.did for address in list_issuer_ids()}
        self.keys: KeyRing = load_keys(get_settings())

    def is_own(self, document: dict[str, Any]) -> bool:
        """Return whether a document says, by its issuer or a signature, that it is a badge of this site."""
        issuer = document.get("issuer")
        issuer = issuer.get("id") if isinstance(issuer, dict) else issuer
        return (isinstance(issuer, str) and issuer in self.dids) or bool(self.list_own_proofs(document))

    def list_own_proofs(self, document: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the signatures that name a key of this site."""
        found: list[dict[str, Any]] = []
        for proof in containers.list_items(document.get("proof")):
            method = proof.get("verificationMethod") if isinstance(proof, dict) else None
            if isinstance(method, str) and method.partition("#")[0] in self.dids:
                found.append(proof)
        return found

    def check(self, badge: FoundBadge) -> _Checked:
        """Check one badge. For a badge of another issuer, nothing is verified."""
        document = badge.document
        if not self.is_own(document):
            return _Checked(badge, Finding.OTHER_ISSUER, [])
        try:
            self._verify(document)
        except ChangedBadgeError:
            return _Checked(badge, Finding.BAD_SIGNATURE, _list_named(document))
        except UnknownKeyError:
            return _Checked(badge, Finding.UNKNOWN_KEY, [])
        except MalformedBadgeError:
            # A damaged badge of this site can still name its credential.
            return _Checked(badge, Finding.OTHER_CONTENT, _list_named(document))
        return _Checked(badge, Finding.GOOD_SIGNATURE, ID_IN_TEXT.findall(str(document.get("id")))[:1])

    def _verify(self, document: dict[str, Any]) -> None:
        proofs = self.list_own_proofs(document)
        if not proofs:
            verify_proof(document, self._resolve)
            return
        if any(proof in proofs[:index] for index, proof in enumerate(proofs[:_MAX_PROOFS])):
            raise MalformedBadgeError("proof: must be there only once")
        problems: list[BadgeError] = []
        for proof in proofs[:_MAX_PROOFS]:
            try:
                verify_proof({**document, "proof": proof}, self._resolve)
            except BadgeError as error:
                problems.append(error)
            else:
                return
        raise problems[0]

    def _resolve(self, method: str) -> VerifyingKey | None:
        issuer, _, name = method.partition("#")
        return self.keys.find(name) if issuer in self.dids else None


def _read(file: InspectedFile, site: _Site) -> list[Contents]:
    is_picture = file.kind in {FileKind.PNG, FileKind.SVG}
    texts = baking.find_texts(file.content) if is_picture else [file.content.decode("utf-8-sig", "replace")]
    contents, problem = [], None
    for text in texts:
        try:
            contents.append(containers.read(text, site.is_own))
        except TooManyBadgesError:
            raise
        except MalformedBadgeError as error:
            problem = error
            contents.append(containers.Contents([], is_alone=False, rest=text))
    if problem and not any(item.badges for item in contents):
        raise problem
    return contents


def _find_around(file: InspectedFile, contents: list[Contents], checked: list[_Checked]) -> Finding:
    """Return the finding for a good badge by the rest of the file: nothing, something that was not checked, or another kind of document."""
    rest = " ".join(item.rest for item in contents)
    proofs = [containers.list_items(item.badge.document.get("proof")) for item in checked]
    is_alone = len(contents) == 1 and contents[0].is_alone and len(proofs[0]) == 1
    if not is_alone:
        rest += json.dumps(proofs, ensure_ascii=False)
    is_picture = file.kind in {FileKind.PNG, FileKind.SVG}
    if (is_picture and baking.find_problem(file.content)) or polyglots.find_in_text(rest):
        return Finding.MORE_THAN_A_BADGE
    return Finding.GOOD_SIGNATURE if is_alone else Finding.GOOD_SIGNATURE_WITHIN


def _answer(file: InspectedFile, item: _Checked, named: dict[UUID, Verification], around: Finding) -> Inspection:
    found = next((named[key] for text in item.ids if (key := UUID(text)) in named), None)
    if item.finding is Finding.OTHER_ISSUER:
        return file.answer(Verdict.UNKNOWN, Finding.OTHER_ISSUER, claims=claims.describe(item.badge))
    if item.finding is Finding.GOOD_SIGNATURE and found:
        verdict = judge(found)
        if around is Finding.MORE_THAN_A_BADGE and verdict is Verdict.UNCHANGED:
            verdict = Verdict.CHANGED
        return file.answer(verdict, around, found)
    if item.finding is Finding.BAD_SIGNATURE or (item.finding is Finding.OTHER_CONTENT and found):
        return file.answer(Verdict.CHANGED, item.finding, found)
    return file.answer_unknown(_UNKNOWN.get(item.finding, Finding.UNKNOWN_FILE))


def _answer_several(file: InspectedFile, answers: list[Inspection]) -> Inspection:
    verdict = min((answer.verdict for answer in answers), key=_WORST_FIRST.index)
    message = describe_several(answers)
    badges = tuple(replace(answer, sha256="") for answer in answers)
    return Inspection(file.kind, verdict, Finding.SEVERAL_BADGES, message, file.sha256, badges=badges)


def _answer_broken(file: InspectedFile, site: _Site) -> Inspection:
    """Return the answer about a file that cannot be read. If it names an identifier and a credential of this site, it is damaged."""
    is_own = any(did.encode() in file.content for did in site.dids)
    ids = (match[1].decode() for match in re.finditer(_ID_IN_BADGE.pattern.encode(), file.content)) if is_own else ()
    found = next(iter(find_named(ids).values()), None)
    return file.answer(Verdict.CHANGED, Finding.OTHER_CONTENT, found) if found else file.answer_unknown()


def _list_named(document: dict[str, Any]) -> list[str]:
    return list(islice(_ID_IN_BADGE.findall(json.dumps(document)), MAX_IDS))
