"""Write the metadata of a document in the two forms of ISO 32000-2 (14.3): the information dictionary and an XMP packet.

Both contain the same values. XMP (ISO 16684-1) is for search engines and archives. It claims no conformance to PDF/A, which encrypted
documents cannot have. It claims conformance to PDF/UA only if the operator says so, because people have to check that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.sax.saxutils import escape

from learning_credentials.pdf.objects.syntax import format_text

_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" \
xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<pdf:Keywords>{keywords}</pdf:Keywords>
<pdf:Producer>{producer}</pdf:Producer>
<xmp:CreatorTool>{producer}</xmp:CreatorTool>
<xmp:CreateDate>{moment}</xmp:CreateDate>
<xmp:ModifyDate>{moment}</xmp:ModifyDate>
<xmp:MetadataDate>{moment}</xmp:MetadataDate>
{claim}</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""

#: The document conforms to PDF/UA-2 (ISO 14289-2:2024, clause 5).
_CLAIM = """\
<pdfuaid:part xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">2</pdfuaid:part>
<pdfuaid:rev xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">2024</pdfuaid:rev>
"""
_PRODUCER = "Learning Credentials"
_PRODUCED_BY = f"/Creator {format_text(_PRODUCER)} /Producer {format_text(_PRODUCER)}"
#: Removes the punctuation of a moment in ISO 8601: PDF writes moments without it (7.9.4).
_UNPUNCTUATED = str.maketrans("", "", "-T:")
#: XML 1.0 cannot write these characters. Control characters are gone already: all texts are cleaned.
_UNWRITABLE = re.compile("[\ufffe\uffff]")
_NOT_PLAIN = re.compile("[&<>\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Metadata:
    """The metadata of one document. ``language`` is a BCP 47 tag."""

    title: str
    author: str
    subject: str
    keywords: str
    language: str
    claims_pdf_ua: bool = False


def format_information(metadata: Metadata, now: str) -> bytes:
    """Return the information dictionary. ``now`` is a moment in UTC in ISO 8601."""
    moment = f"(D:{now.translate(_UNPUNCTUATED)[:14]}Z)"
    return (
        f"<< /Title {format_text(metadata.title)} /Author {format_text(metadata.author)} "
        f"/Subject {format_text(metadata.subject)} /Keywords {format_text(metadata.keywords)} "
        f"{_PRODUCED_BY} /CreationDate {moment} /ModDate {moment} >>"
    ).encode()


def make_xmp(metadata: Metadata, now: str) -> bytes:
    """Return an XMP packet. ``now`` is a moment in ISO 8601."""
    return _PACKET.format(
        title=_escape(metadata.title),
        author=_escape(metadata.author),
        subject=_escape(metadata.subject),
        keywords=_escape(metadata.keywords),
        language=metadata.language,
        producer=_PRODUCER,
        moment=now,
        claim=_CLAIM if metadata.claims_pdf_ua else "",
    ).encode()


def _escape(text: str) -> str:
    return escape(_UNWRITABLE.sub("\ufffd", text)) if _NOT_PLAIN.search(text) else text
