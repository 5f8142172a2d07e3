"""JSON text that is read without trust."""

from __future__ import annotations

import hashlib

import pytest

from learning_credentials.badges import contexts
from learning_credentials.badges.documents import MAX_BYTES, read_document, write_document
from learning_credentials.exceptions import MalformedBadgeError


def test_documents_come_back() -> None:
    document = {"name": "Zoë 李 ]]> \ufffe \uffff \0 \U0001f30a", "list": [True, None, {"a": "b"}]}

    text = write_document(document)

    assert (
        read_document(text)
        == read_document(text.encode())
        == read_document(b"\xef\xbb\xbf" + text.encode())
        == document
    )
    assert "李" in text
    assert not any(part in text for part in ("]]>", "\ufffe", "\uffff", "\0"))


BROKEN = {
    "nothing": b"",
    "no JSON": b"<svg/>",
    "a list": b"[]",
    "text": b'"x"',
    "not a number": b'{"a": NaN}',
    "endless": b'{"a": Infinity}',
    "a key twice": b'{"id": "urn:a:1", "id": "urn:a:2"}',
    "a key twice within": b'{"a": [{"b": 1, "b": 1}]}',
    "another encoding": '{"a": "é"}'.encode("latin-1"),
    "too deep": b'{"a":' * 100_000,
    "too deep a list": b"[" * 100_000,
    "too large": b'{"a": "' + b"x" * MAX_BYTES + b'"}',
    "a huge number": b'{"a": ' + b"9" * 10_000 + b"}",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_other_texts_are_refused(content: bytes) -> None:
    with pytest.raises(MalformedBadgeError):
        read_document(content)


def find_end_by_counting(text: str) -> int:
    """Where a program that counts braces, and knows nothing of strings, believes that an object ends."""
    depth = 0
    for place, character in enumerate(text):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if not depth:
            return place + 1
    return -1


@pytest.mark.parametrize(
    "said", ["Sets such as {a, b", "a } b", '"}{"', "\\{", "\\\\}", '\\"{', "{}{}{}}}}", "\\u007b{"]
)
def test_braces_within_texts_mislead_nobody_who_counts_them(said: str) -> None:
    document = {"name": said, "a": {said: [said, {"b": said}]}}

    text = write_document(document)

    assert find_end_by_counting(text) == len(text)
    assert read_document(text) == document


def test_no_context_is_fetched() -> None:
    for url in ("https://www.w3.org/2018/credentials/v1", "file:///etc/passwd", "", "http://127.0.0.1/"):
        with pytest.raises(MalformedBadgeError, match="cannot use the context"):
            contexts.load_context(url)


def test_contexts_are_those_of_their_addresses() -> None:
    for url in contexts.list_contexts():
        assert contexts.load_context(url)["@context"]["@protected"] is True


def test_texts_differ_where_documents_do() -> None:
    digests = {
        hashlib.sha256(write_document(document).encode()).digest()
        for document in ({"a": "]]>"}, {"a": "]]\\u003e"}, {"a": "]>"})
    }

    assert len(digests) == 3
