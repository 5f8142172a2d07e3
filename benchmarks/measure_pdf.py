"""Measure one PDF: the engine against the simple program."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from benchmarks import host
from benchmarks.timing import Row, compare, interleave, time_per_item

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from uuid import UUID

#: A sample of the engine takes at least this long, so that the clock's precision does not matter.
SAMPLE_SECONDS = 0.15
PLAIN_SAMPLE = 5
ISSUED_AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    """A font and its script. ``has_code`` adds the address of the verification page, as a text with a link and as a QR code with one."""

    name: str
    font: Path | None
    script: str = "latin"
    has_code: bool = False


def list_cases() -> tuple[list[Case], list[dict[str, str]]]:
    """Return the cases, and those that cannot be measured here with the reason."""
    from benchmarks.material import find_chinese_font, get_shipped_font

    cases = [
        Case("built-in font, Latin", None),
        Case("custom TrueType font, Latin", get_shipped_font("NotoSans-Regular.ttf")),
        Case("the same with QR code and links", get_shipped_font("NotoSans-Regular.ttf"), has_code=True),
        Case("custom TrueType font, Arabic", get_shipped_font("NotoNaskhArabic-Regular.ttf"), "arabic"),
    ]
    chinese = "custom TrueType font, Chinese"
    font, reason = find_chinese_font()
    if font is None:
        return cases, [{"section": "PDF", "name": chinese, "reason": reason}]
    return [*cases, Case(chinese, font, "chinese")], []


def measure(options: dict[str, Any], progress: Callable[[str], object]) -> dict[str, Any]:
    """Measure every case."""
    host.start(with_tables=False)
    cases, skipped = list_cases()
    return {"rows": [_measure(case, options, progress).as_json() for case in cases], "skipped": skipped}


def _measure(case: Case, options: dict[str, Any], progress: Callable[[str], object]) -> Row:
    from benchmarks.material import make_template
    from benchmarks.names import CONTEXT, get_name
    from benchmarks.plain import PlainMethod

    template = make_template()
    render = _make_engine(case, template)
    plain = PlainMethod(template, case.font)
    numbers = count(1)

    def plain_once() -> None:
        verify_url = _make_url(uuid4()) if case.has_code else ""
        plain(get_name(next(numbers), case.script), CONTEXT[case.script], "November 22, 2026", verify_url)

    def engine_once() -> None:
        render(get_name(next(numbers), case.script))

    engine_once()  # what is prepared once is not part of what a learner costs
    repeats = max(PLAIN_SAMPLE, round(SAMPLE_SECONDS / time_per_item(engine_once, 1)))
    samples = interleave(
        lambda: time_per_item(lambda: [engine_once() for _ in range(repeats)], repeats),
        lambda: time_per_item(lambda: [plain_once() for _ in range(PLAIN_SAMPLE)], PLAIN_SAMPLE),
        options["rounds"],
        after_each=lambda: progress(case.name),
    )
    sizes = {"engine": len(render("Ada Example")), "plain": len(plain("Ada Example", "Biology", "November 22, 2026"))}
    return compare(
        "PDF", case.name, samples, details={"bytes": sizes, "samples_of": {"engine": repeats, "plain": PLAIN_SAMPLE}}
    )


def _make_url(verify_uuid: UUID) -> str:
    return f"https://credentials.example.org/credentials/{verify_uuid}/"


def _make_engine(case: Case, template: bytes) -> Callable[[str], bytes]:
    """Prepare the generator once, as issuing does for a chunk."""
    from benchmarks.names import CONTEXT, LANGUAGE
    from learning_credentials.data import Asset, AssetKind, CredentialData, IssuerData, StaticAssets
    from learning_credentials.generators.pdf import prepare_certificates

    found = {"template": Asset.of("template", AssetKind.PDF_TEMPLATE, template)}
    options: dict[str, Any] = {"template": "template"}
    if case.font is not None:
        found["font"] = Asset.of("font", AssetKind.FONT, case.font.read_bytes())
        options["defaults"] = {"font": "font"}
    if case.has_code:
        options["text_elements"] = {"address": {"text": "{verify_url}", "y": 40, "size": 9}}
        options["qr"] = {"x": 40, "y": 40, "size": 80}
    assets = StaticAssets(found)
    render = prepare_certificates(options, assets)
    issuer = IssuerData("Example University")

    def make(name: str) -> bytes:
        verify_uuid = uuid4()
        artifact = render(
            CredentialData(
                verify_uuid=verify_uuid,
                verify_url=_make_url(verify_uuid),
                user_full_name=name,
                learning_context_key="bench/pdf/1",
                learning_context_name=CONTEXT[case.script],
                credential_type_name="Certificate of Achievement",
                issued_at=ISSUED_AT,
                issue_date=date(2026, 11, 22),
                assets=assets,
                issuer=issuer,
                language=LANGUAGE[case.script],
            )
        )
        return bytes(artifact.content)

    return make
