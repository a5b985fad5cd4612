"""Pictures of the demo's products and staff: drawn, so that the demo needs no files and no network."""

from __future__ import annotations

import zlib

SHAPES = {
    "lamp": '<path d="M150 90h100l40 110H110z" fill="{a}"/><rect x="194" y="200" width="12" height="110" fill="{b}"/>'
    '<ellipse cx="200" cy="318" rx="62" ry="12" fill="{b}"/>',
    "chair": '<rect x="130" y="80" width="140" height="120" rx="18" fill="{a}"/>'
    '<rect x="118" y="205" width="164" height="32" rx="14" fill="{b}"/>'
    '<path d="M134 237l-12 88M266 237l12 88M176 237v80M224 237v80" stroke="{b}" stroke-width="11"/>',
    "table": '<rect x="70" y="150" width="260" height="26" rx="10" fill="{a}"/>'
    '<path d="M100 176l-16 140M300 176l16 140" stroke="{b}" stroke-width="14"/>',
    "sofa": '<rect x="80" y="130" width="240" height="110" rx="28" fill="{a}"/>'
    '<rect x="60" y="190" width="280" height="80" rx="24" fill="{b}"/><path d="M92 270v26M308 270v26" '
    'stroke="{b}" stroke-width="12"/>',
    "vase": '<path d="M176 90h48l-6 52c46 30 58 120 8 172h-52c-50-52-38-142 8-172z" fill="{a}"/>'
    '<path d="M200 90c-8-30-34-40-46-38M200 90c4-34 24-52 44-52" stroke="{b}" stroke-width="7" fill="none"/>',
    "cup": '<path d="M120 140h140l-14 130a28 28 0 0 1-28 24h-56a28 28 0 0 1-28-24z" fill="{a}"/>'
    '<path d="M258 168h20a30 30 0 0 1 0 62h-26" stroke="{b}" stroke-width="13" fill="none"/>',
    "clock": '<circle cx="200" cy="200" r="104" fill="{a}"/><path d="M200 200V128M200 200l52 30" stroke="{b}" '
    'stroke-width="11" stroke-linecap="round"/>',
    "rug": '<rect x="80" y="110" width="240" height="180" rx="8" fill="{a}"/>'
    '<path d="M110 110v180M290 110v180M80 150h240M80 250h240" stroke="{b}" stroke-width="9"/>',
    "shelf": '<rect x="110" y="80" width="180" height="250" rx="8" fill="none" stroke="{a}" stroke-width="16"/>'
    '<path d="M116 160h168M116 245h168" stroke="{b}" stroke-width="14"/>',
    "avatar": '<circle cx="200" cy="160" r="72" fill="{a}"/><path d="M60 400a140 140 0 0 1 280 0z" fill="{b}"/>',
    "mirror": '<ellipse cx="200" cy="200" rx="86" ry="122" fill="{b}"/><ellipse cx="200" cy="200" rx="70" ry="106" '
    'fill="{a}"/>',
}
PALETTE = [
    ("#f3efe8", "#c96f4a", "#5b4636"),
    ("#e8eef3", "#3f6c8f", "#26384a"),
    ("#eaf2ea", "#5f8f6b", "#2f4a38"),
    ("#f4ecf1", "#a05c86", "#4c2f43"),
    ("#f6f1de", "#d0a13a", "#5d4a1c"),
]


def picture(slug: str) -> str:
    """An SVG for a slug, always the same one. The last word says what is drawn."""
    ground, main, dark = PALETTE[zlib.crc32(slug.encode()) % len(PALETTE)]
    drawing = SHAPES.get(slug.rsplit("-", 1)[-1], SHAPES["vase"]).format(a=main, b=dark)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" role="img">'
        f'<rect width="400" height="400" fill="{ground}"/>{drawing}</svg>'
    )
