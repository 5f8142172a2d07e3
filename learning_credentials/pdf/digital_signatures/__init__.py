"""Sign finished documents digitally (PAdES). For pictures of signatories' signatures see `pdf.elements.signatories`."""
