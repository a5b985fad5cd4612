from __future__ import annotations

import pytest

from saleor_livesales.errors import Invalid
from saleor_livesales.letters import words

FACTS = {"name": "Ada", "plan": "Gold {until}", "until": "24.12."}


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_our_words_can_be_saved_as_they_are_and_filled(language: str) -> None:
    ours = words.ours(language)
    assert words.check(language=language, parts=ours) == {part: ours[part] for part in words.PARTS}
    filled = "".join(words.fill(ours[part], FACTS) for part in words.PARTS)
    assert "Ada" in filled and "24.12." in filled and "{name}" not in filled
    assert words.fill("{plan}", FACTS) == "Gold {until}"  # what a fact says is not filled again


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("text", ""), ("text", "{code}"), ("text", "{0}"), ("text", "{name"), ("text", "}"), ("text", "a\0b"),
        ("text", "x" * 1501), ("text", "\n" * 30 + "a\n" * 30), ("subject", "two\nlines"), ("subject", "x" * 121),
        ("closing", "{name.__class__}"), ("closing", "{name!r}"),
    ],
)  # fmt: skip
def test_what_is_no_letter_is_refused(part: str, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        words.check(language="en", parts={**words.ours("en"), part: text})
    assert refused.value.field in (part, "text")


def test_a_language_without_letters_is_english() -> None:
    assert [words.language_of(code) for code in ("de", "pt-br", "AR", "", "de_AT")] == ["de", "en", "ar", "en", "de"]
    with pytest.raises(Invalid):
        words.check(language="pt", parts=words.ours("en"))
