"""The products of the demo."""

# Slug (its last word is what is drawn), name, description, variants with their prices in USD.
PRODUCTS: list[tuple[str, str, str, list[tuple[str, str]]]] = [
    ("arc-lamp", "Arc lamp", "A wide brass arc with a linen shade, for reading corners.", [("Brass", "249.00")]),
    (
        "desk-lamp",
        "Desk lamp",
        "A small lamp with a heavy foot and a warm light.",
        [("White", "59.00"), ("Black", "62.00")],
    ),
    (
        "oak-chair",
        "Oak chair",
        "Steam-bent oak, with a seat of woven paper cord.",
        [("Natural", "139.00"), ("Smoked", "149.00")],
    ),
    ("stool-chair", "Workshop stool", "A stool to sit, stand on and move about.", [("Beech", "79.00")]),
    (
        "dining-table",
        "Dining table",
        "Seats eight. Solid oak on trestles.",
        [("200 cm", "1290.00"), ("240 cm", "1490.00")],
    ),
    ("side-table", "Side table", "Costs one hundred to the cent.", [("Round", "100.00")]),
    ("tray-table", "Tray table", "Costs one cent more than a hundred.", [("Steel", "100.01")]),
    (
        "linen-sofa",
        "Linen sofa",
        "Deep, with feather cushions and washable covers.",
        [("Two seats", "1850.00"), ("Three seats", "2250.00")],
    ),
    ("glass-vase", "Glass vase", "Mouth-blown; no two are the same.", [("Clear", "45.00"), ("Amber", "48.00")]),
    (
        "stoneware-cup",
        "Stoneware cup",
        "Holds 0.3 litres. Dishwasher safe.",
        [("Set of two", "28.00"), ("Set of six", "74.00")],
    ),
    ("wall-clock", "Wall clock", "Silent movement, glass front.", [("30 cm", "99.99")]),
    ("wool-rug", "Wool rug", "Hand-woven in undyed wool.", [("140 x 200", "420.00"), ("200 x 300", "780.00")]),
    ("tall-shelf", "Tall shelf", "Five boards; hangs on the wall.", [("Ash", "310.00")]),
    ("hall-mirror", "Hall mirror", "Oval, with a thin brass rim.", [("Small", "120.00"), ("Large", "190.00")]),
]
