"""Provide the simple programs for the comparison: what one writes with the manuals of reportlab, pypdf and Django.

They do all the necessary work for each learner. They do not shape text: Arabic letters are not joined, so they do less work.
"""

from __future__ import annotations

import hashlib
import io
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from pypdf import PdfReader, PdfWriter
from pypdf.constants import UserAccessPermissions
from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from learning_credentials.models import CredentialConfiguration

PERMISSIONS = UserAccessPermissions(0xFFFFFAC4)


@dataclass(frozen=True)
class PlainMethod:
    """Make one PDF: parse the template, draw, merge, encrypt.

    ``font`` is a TrueType file, or None for Helvetica.
    """

    template: bytes
    font: Path | None

    def __call__(self, name: str, context_name: str, issue_date: str, verify_url: str = "") -> bytes:
        """Make the certificate of one learner. An address is printed as a text and as a QR code, both with links."""
        writer = PdfWriter(clone_from=PdfReader(io.BytesIO(self.template)))
        page = writer.pages[0]
        width, height = float(page.mediabox.width), float(page.mediabox.height)
        lines = [(290.0, 32.0, name), (220.0, 28.0, context_name), (120.0, 12.0, issue_date)]
        overlay = self._draw(width, height, lines, verify_url)
        page.merge_page(PdfReader(io.BytesIO(overlay)).pages[0])
        # This is also needed because encryption leaves out content merged into a stream that is not encoded yet.
        page.compress_content_streams()
        writer.add_metadata({"/Title": context_name, "/Author": "Example University", "/Subject": name})
        writer.encrypt("", secrets.token_urlsafe(32), permissions_flag=PERMISSIONS, algorithm="AES-256")
        buffer = io.BytesIO()
        writer.write(buffer)
        return buffer.getvalue()

    def _draw(self, width: float, height: float, lines: list[tuple[float, float, str]], verify_url: str) -> bytes:
        font_name = "Helvetica"
        if self.font is not None:
            font_name = self.font.stem
            pdfmetrics.registerFont(TTFont(font_name, self.font))
        buffer = io.BytesIO()
        canvas = Canvas(buffer, pagesize=(width, height))
        for y, size, text in lines:
            canvas.setFont(font_name, size)
            canvas.drawCentredString(width / 2, y, text)
        if verify_url:
            self._draw_code(canvas, width, verify_url)
        canvas.save()
        return buffer.getvalue()

    @staticmethod
    def _draw_code(canvas: Canvas, width: float, verify_url: str) -> None:
        canvas.setFontSize(9)
        canvas.drawCentredString(width / 2, 40, verify_url)
        half = canvas.stringWidth(verify_url) / 2
        canvas.linkURL(verify_url, (width / 2 - half, 38, width / 2 + half, 50))
        drawing = Drawing(80, 80)
        drawing.add(QrCodeWidget(verify_url, barWidth=80, barHeight=80))
        renderPDF.draw(drawing, canvas, 40, 40)
        canvas.linkURL(verify_url, (40, 40, 120, 120))


def issue_plainly(configuration: CredentialConfiguration, user_ids: Iterable[int], make: PlainMethod) -> int:
    """Issue credentials one after the other, each with its row, its events, its file and its e-mail.

    Return how many were issued.
    """
    from django.contrib.auth import get_user_model
    from django.core.files.base import ContentFile
    from django.core.mail import send_mail
    from django.template.loader import render_to_string
    from django.utils import timezone

    from benchmarks.names import CONTEXT
    from learning_credentials.models import Credential, CredentialEvent
    from learning_credentials.storages import get_storage

    issued = 0
    for user_id in user_ids:
        user = get_user_model().objects.get(pk=user_id)
        if Credential.objects.filter(user=user, configuration=configuration, is_current=True).exists():
            continue
        now = timezone.now()
        credential = Credential.objects.create(
            user=user,
            configuration=configuration,
            user_full_name=user.get_full_name(),
            learning_context_key=configuration.learning_context_key,
            learning_context_name=CONTEXT["latin"],
            credential_type_name=configuration.credential_type.name,
            generation_started_at=now,
        )
        CredentialEvent.objects.create(credential=credential, action="created", to_status="generating")
        content = make(user.get_full_name(), CONTEXT["latin"], f"{now:%B %d, %Y}")
        credential.artifact_name = get_storage().save(f"plain/{uuid4().hex}.pdf", ContentFile(content))
        credential.artifact_sha256 = hashlib.sha256(content).hexdigest()
        credential.artifact_media_type = "application/pdf"
        credential.status = Credential.Status.AVAILABLE
        credential.issued_at = now
        credential.save()
        CredentialEvent.objects.create(
            credential=credential, action="issued", from_status="generating", to_status="available"
        )
        context = {"credential": credential, "verify_url": f"https://credentials.example.org/{credential.verify_uuid}/"}
        subject = render_to_string("learning_credentials/email/credential_issued_subject.txt", context).strip()
        body = render_to_string("learning_credentials/email/credential_issued_body.txt", context)
        send_mail(subject, body, None, [user.email])
        credential.notified_at = timezone.now()
        credential.save(update_fields=["notified_at"])
        issued += 1
    return issued


def find_plainly(configuration: CredentialConfiguration, user_ids: Iterable[int]) -> int:
    """Check learners one after the other for a credential. Return how many have none."""
    from learning_credentials.models import Credential

    return sum(
        not Credential.objects.filter(user_id=user_id, configuration=configuration, is_current=True).exists()
        for user_id in user_ids
    )
