"""XMP metadata (ISO 16684-1): what the document says of itself to search engines and archives.

It says the same as the information dictionary, as ISO 32000-2 (14.3.3) asks. It claims no conformance to PDF/A or PDF/UA: encrypted
documents cannot have the one, and untagged ones not the other.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from learning_credentials.pdf.stationery import Description

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
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


#: Characters that XML 1.0 has no way to write, beyond the controls that texts are cleaned of, and those that it writes otherwise.
_UNWRITABLE = re.compile("[\ufffe\uffff]")
_NOT_PLAIN = re.compile("[&<>\ufffe\uffff]")


def make_xmp(description: Description, producer: str, now: str) -> bytes:
    """Return an XMP packet; ``now`` is a moment as ISO 8601 writes it."""
    return _PACKET.format(
        title=_escape(description.title),
        author=_escape(description.author),
        subject=_escape(description.subject),
        keywords=_escape(description.keywords),
        language=description.language,
        producer=producer,
        moment=now,
    ).encode()


def _escape(text: str) -> str:
    return escape(_UNWRITABLE.sub("\ufffd", text)) if _NOT_PLAIN.search(text) else text
