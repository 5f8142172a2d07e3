"""Revocation lists: one bit an index, as the standard counts them; and indexes that say nothing of their order."""

from __future__ import annotations

import base64
import gzip
import tracemalloc
import zlib
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning_credentials.badges.permutation import permute
from learning_credentials.badges.status_list import (
    LIST_SIZE,
    MAX_SIZE,
    BitList,
    find_mirror,
    get_pair_index,
    make_status_list_credential,
)
from learning_credentials.exceptions import MalformedBadgeError
from tests.badge_cases import DID, LIST_URL, NOW

KEY = bytes(range(32))
INDEXES = st.integers(0, LIST_SIZE - 1)


def pack(content: bytes) -> str:
    return "u" + base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@settings(max_examples=settings().max_examples // 2)
@given(others=st.sets(INDEXES, max_size=20), index=INDEXES)
def test_flipping_an_index_flips_that_bit_alone(others: set[int], index: int) -> None:
    bits = BitList()
    for other in others - {index}:
        bits.set(other)
    before = bits.to_bytes()

    bits.set(index)
    flipped = [place for place, (one, two) in enumerate(zip(before, bits.to_bytes(), strict=True)) if one != two]
    assert flipped == [index // 8]
    assert bits.to_bytes()[index // 8] ^ before[index // 8] == 1 << (7 - index % 8)
    assert bits.get(index)
    assert BitList.decode(bits.encode()) == bits
    assert bits.count() == len(others - {index}) + 1

    bits.clear(index)
    assert bits.to_bytes() == before
    assert not bits.get(index)


def get_from_the_other_end(bits: BitList, index: int) -> bool:
    """Read a bit as programs do that take bit 0 for the least significant of byte 0."""
    return bool(bits.to_bytes()[index // 8] >> (index % 8) & 1)


def test_each_pair_of_mirrored_bits_has_one_index_of_its_own() -> None:
    chosen = [get_pair_index(pair) for pair in range(LIST_SIZE // 2)]

    mirrored = [find_mirror(index) for index in chosen]
    assert sorted(chosen + mirrored) == list(range(LIST_SIZE))


@settings(max_examples=settings().max_examples // 2)
@given(pairs=st.sets(st.integers(0, LIST_SIZE // 2 - 1), max_size=40), other=st.integers(0, LIST_SIZE // 2 - 1))
def test_mirrored_bits_are_read_alike_from_either_end(pairs: set[int], other: int) -> None:
    bits = BitList()
    for pair in pairs:
        bits.set_mirrored(get_pair_index(pair))

    published = BitList.decode(bits.encode())
    assert published.count() == 2 * len(pairs)
    for pair in pairs | {other}:
        index = get_pair_index(pair)
        assert published.get(index) is get_from_the_other_end(published, index) is (pair in pairs)


def test_bit_0_is_the_most_significant_of_byte_0() -> None:
    bits = BitList()
    bits.set(0)
    bits.set(LIST_SIZE - 1)

    content = gzip.decompress(base64.urlsafe_b64decode(bits.encode()[1:] + "=="))

    assert len(content) == 16 * 1024
    assert (content[0], content[-1]) == (0x80, 0x01)
    assert set(content[1:-1]) == {0}


def test_setting_twice_is_setting_once() -> None:
    bits = BitList()
    bits.set(9)
    bits.set(9)

    assert (bits.get(8), bits.get(9), bits.get(10)) == (False, True, False)
    assert bits.count() == 1


def test_equal_lists_give_equal_text() -> None:
    assert BitList().encode() == BitList().encode()
    assert "=" not in BitList().encode()


@pytest.mark.parametrize("index", [-1, LIST_SIZE, 10**9])
def test_there_is_no_bit_outside(index: int) -> None:
    bits = BitList()

    for call in (bits.get, bits.set, bits.clear):
        with pytest.raises(IndexError):
            call(index)
    assert bits.count() == 0


def test_a_list_is_never_shorter_than_the_standard_allows() -> None:
    with pytest.raises(ValueError, match="at least 131072"):
        BitList(b"\0" * 1250)


def test_longer_lists_are_read() -> None:
    bits = BitList(b"\xff" * (MAX_SIZE // 8))

    assert BitList.decode(bits.encode()) == bits
    assert len(bits) == MAX_SIZE == bits.count()


BROKEN = {
    "nothing": ("", "not a status list"),
    "another base": ("z1234", "not a status list"),
    "no base64": ("u!!!!", "not gzip"),
    "one letter": ("ua", "not gzip"),
    "not gzip": (pack(b"\0" * 100), "not gzip"),
    "zlib": (pack(zlib.compress(b"\0" * 20_000)), "not gzip"),
    "cut short": (pack(gzip.compress(b"\0" * 20_000)[:-4]), "incomplete"),
    "more behind": (pack(gzip.compress(b"\0" * 20_000) + b"x"), "more data"),
    "a wrong checksum": (pack(gzip.compress(b"\0" * 20_000)[:-8] + b"\0" * 8), "not gzip"),
    "too few bits": (pack(gzip.compress(b"\0" * 1250)), "at least"),
    "too many bits": (pack(gzip.compress(b"\0" * (MAX_SIZE // 8 + 1))), "more than"),
    "too much text": ("u" + "A" * MAX_SIZE, "too long"),
}


@pytest.mark.parametrize(("text", "message"), BROKEN.values(), ids=BROKEN)
def test_broken_lists_are_refused(text: str, message: str) -> None:
    with pytest.raises(MalformedBadgeError, match=message):
        BitList.decode(text)


def test_a_bomb_is_not_unpacked() -> None:
    bomb = pack(gzip.compress(b"\0" * 200_000_000, 9))
    tracemalloc.start()
    try:
        with pytest.raises(MalformedBadgeError, match="more than"):
            BitList.decode(bomb)
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


def test_the_published_list_names_its_issuer_and_place() -> None:
    bits = BitList()
    bits.set(5)

    document = make_status_list_credential(url=LIST_URL, issuer=DID, bits=bits, valid_from=NOW, valid_until=NOW)

    assert document["id"] == LIST_URL
    assert document["issuer"] == DID
    assert document["type"] == ["VerifiableCredential", "BitstringStatusListCredential"]
    assert document["validFrom"] == document["validUntil"] == "2026-03-01T12:30:00Z"
    subject = document["credentialSubject"]
    assert (subject["type"], subject["statusPurpose"]) == ("BitstringStatusList", "revocation")
    assert BitList.decode(subject["encodedList"]) == bits


@settings(max_examples=settings().max_examples // 2, deadline=None)
@given(key=st.binary(min_size=16, max_size=64), size=st.integers(1, 700))
def test_each_position_has_a_place_of_its_own(key: bytes, size: int) -> None:
    assert sorted(permute(key, position, size) for position in range(size)) == list(range(size))


@pytest.mark.parametrize("size", [LIST_SIZE // 8, LIST_SIZE // 8 - 1])
def test_a_whole_list_is_used(size: int) -> None:
    """Another test hands out a list of the real size."""
    assert {permute(KEY, position, size) for position in range(size)} == set(range(size))


def test_places_are_the_same_for_the_same_key_only() -> None:
    places = [permute(KEY, position, LIST_SIZE) for position in range(50)]

    assert places == [permute(KEY, position, LIST_SIZE) for position in range(50)]
    assert len(set(places) & {permute(KEY[::-1], position, LIST_SIZE) for position in range(50)}) < 5


def test_neighbours_are_spread_over_the_list() -> None:
    places = [permute(KEY, position, LIST_SIZE) for position in range(16_000)]

    sixteenths = Counter(place * 16 // LIST_SIZE for place in places)
    rising = sum(one < two for one, two in pairwise(places))
    assert all(850 < count < 1150 for count in sixteenths.values())
    assert 7600 < rising < 8400


@pytest.mark.parametrize(
    ("key", "position", "size"), [(KEY, -1, 10), (KEY, 10, 10), (KEY, 0, 0), (b"short", 0, 10), (b"x" * 65, 0, 10)]
)
def test_what_has_no_place_is_refused(key: bytes, position: int, size: int) -> None:
    with pytest.raises(ValueError, match=r"outside|16 to 64"):
        permute(key, position, size)
