"""A page of a PDF as a picture, to be looked at before anything is printed."""

from __future__ import annotations

import io
import threading
from typing import Final

DPI: Final = 96
_one: Final = threading.Lock()  # PDFium is not safe to be called by several threads


def first_page(pdf: bytes) -> bytes | None:
    """A PNG in greys and the few colours that there are; None where the deployment has nothing that draws one."""
    try:
        import pypdfium2
    except ImportError:
        return None
    with _one:
        document = pypdfium2.PdfDocument(pdf)
        try:
            picture = document[0].render(scale=DPI / 72).to_pil()
        finally:
            document.close()
    kept = io.BytesIO()
    picture.convert("RGB").quantize(64).save(kept, "PNG", optimize=True)
    return kept.getvalue()
