"""How a code is written and read, for all codes: every single slip is told, and all but one kind of swap."""

from __future__ import annotations

import json
import pickle
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saleor_livesales.codes.alphabet import (
    ALPHABET,
    LENGTH,
    RANDOM,
    Secret,
    check_character,
    clean,
    make,
    masked,
    well_formed,
    written,
)

bodies = st.text(ALPHABET, min_size=RANDOM, max_size=RANDOM)


def whole(body: str) -> str:
    return body + check_character(body)


@pytest.mark.parametrize(
    ("body", "check"), [("0000000000", "0"), ("0000000001", "Y"), ("0123456789", "T"), ("ZZZZZZZZZZ", "A")]
)
def test_check_characters_stay_what_they_were_for_codes_that_are_printed(body, check):
    assert check_character(body) == check


@given(bodies, st.integers(0, RANDOM), st.sampled_from(ALPHABET))
def test_every_wrong_character_is_told(body, place, other):
    code = whole(body)
    changed = code[:place] + other + code[place + 1 :]
    assert well_formed(changed) is (changed == code)


@given(bodies, st.integers(0, RANDOM - 1))
def test_neighbours_that_changed_places_are_told_but_zero_and_z(body, place):
    code = whole(body)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    same = code[place] == code[place + 1] or {code[place], code[place + 1]} == {"0", "Z"}
    assert well_formed(swapped) is same


def test_all_1024_pairs_of_neighbours_at_all_places():
    missed = set()
    for place in range(RANDOM - 1):
        for first in ALPHABET:
            for second in ALPHABET:
                body = "4" * place + first + second + "4" * (RANDOM - 2 - place)
                swapped = "4" * place + second + first + "4" * (RANDOM - 2 - place) + check_character(body)
                if first != second and well_formed(swapped):
                    missed.add(first + second)
    assert missed == {"0Z", "Z0"}


@given(bodies)
def test_however_it_is_typed_it_reads_the_same(body):
    code = whole(body)
    for typed in (
        written(code),
        written(code).lower(),
        f"  {code[:3]} {code[3:]}\n",
        written(code).replace("-", "–"),
        code.replace("0", "O").replace("1", "I"),
        code.replace("0", "o").replace("1", "l"),
    ):
        assert clean(typed) == code
    assert well_formed(clean(written(code)))


@given(st.text())
def test_whatever_is_typed_is_read_without_an_error(typed):
    read = clean(typed)
    assert len(read) <= 3 * 64  # some capitals have several letters
    assert well_formed(read) in (True, False)


def test_made_codes_are_well_formed_and_differ():
    codes = {make().reveal() for _ in range(1000)}
    assert len(codes) == 1000
    assert all(well_formed(code) and len(code) == LENGTH for code in codes)
    assert {character for code in codes for character in code} == set(ALPHABET)


def test_written_and_masked():
    assert written("0123456789H") == "0123-4567-89H"
    assert masked("9H") == "••••-••••-•9H"


def test_a_secret_is_shown_by_nothing_that_prints():
    secret = Secret("0123456789H")
    try:
        raise ValueError(f"{secret} {secret!r} {[secret]}")
    except ValueError as error:
        text = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "Secret(…)" in text and "0123456789H" not in text
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        json.dumps(secret)
