"""Addresses of many countries, and members whose codes go by post."""

from __future__ import annotations

from saleor_livesales.shop import PostalAddress


def address(
    name: str, street: str, city: str, postal_code: str, country: str, *, area: str = "", street_2: str = "",
    company: str = "", city_area: str = "",
) -> PostalAddress:  # fmt: skip
    return PostalAddress(
        name=name, company=company, street_1=street, street_2=street_2, city=city, city_area=city_area,
        postal_code=postal_code, country_area=area, country=country,
    )  # fmt: skip


ADDRESSES = {
    "DE": address(
        "Ada Lovelace", "Unter den Linden 1", "Berlin", "10117", "DE", street_2="Hinterhaus, 3. Stock links",
        company="Analytische Maschinen GmbH",
    ),
    "US": address("Joe Doe", "1600 Amphitheatre Pkwy", "Mountain View", "94043", "US", area="CA"),
    "JP": address("田中 太郎", "丸の内1-9-1", "千代田区", "100-0005", "JP", area="東京都"),
    "SA": address("ليلى حداد", "شارع الملك فهد", "الرياض", "11564", "SA"),
    "GR": address("Γιώργος Παπαδόπουλος", "Ερμού 5", "Αθήνα", "105 63", "GR"),
    "RU": address("Иван Жуковский", "ул. Тверская, 7", "Москва", "125009", "RU"),
    "GB": address(
        "Winifred Featherstonehaugh-Cholmondeley", "The Old Rectory with a very long name of a house, Upper Lower Lane",
        "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch", "LL61 5UJ", "GB", street_2="Room 4",
        company="The Society for the Preservation of Very Long Names of Places, Limited",
    ),
    "KR": address("김철수", "세종대로 110", "서울특별시", "04524", "KR"),
}  # fmt: skip
