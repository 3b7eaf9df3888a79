"""Many texts judged at once are judged as each of them is alone."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vaglio.condition import Test
from vaglio.plan.holds import NoValue
from vaglio.plan.marks import MANY, Marks, TextTests

LETTERS = "aZ0 -_/\t\n\x0b\x1c\x1f.?ßſKİé́"
TEXTS = st.text(LETTERS, max_size=6)
WORDS = st.lists(st.sampled_from(["a", "0", "az", "é", "_", "a_0"]), min_size=1, max_size=2).map(tuple)
ITEMS = st.lists(st.text(LETTERS, min_size=1, max_size=3), min_size=1, max_size=3).map(tuple)
PATTERNS = st.sampled_from(["^a", "z$", r"\b0", "[^a]", "s.", "é"])
OPERATORS = st.one_of(
    *(st.fixed_dictionaries({name: ITEMS}) for name in ("in_", "not_in", "contains", "starts_with", "ends_with")),
    *(st.fixed_dictionaries({name: one}) for name, one in (("any_word", WORDS), ("equals", TEXTS), ("matches", PATTERNS))),
)
TESTS = st.builds(
    lambda parts, known: Test.model_construct(**{name: value for part in parts for name, value in part.items()}, known=known),
    st.lists(OPERATORS, max_size=2),
    st.sampled_from([None, None, True, False]),
)


@settings(deadline=None)
@given(st.lists(TESTS, min_size=1, max_size=70).map(tuple), st.lists(TEXTS, max_size=40, unique=True), st.lists(TEXTS, max_size=2))
def test_texts_judged_at_once_are_judged_as_each_alone(tests: tuple[Test, ...], texts: list[str], nothing: list[str]) -> None:
    judged = TextTests(tests, NoValue(tuple(nothing)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vaglio.plan.marks.MANY", 0)
        said = judged.said(pa.chunked_array([texts[:1], texts[1:]], pa.string()))
    assert [said.vectors[number] for number in said.numbers] == [judged.known(text) for text in texts]


@pytest.mark.parametrize("text", ["a", "-a", "a_0", "0_A\n", "b a", "ab", "a0", "éa", "\x1ca", "a.", "_"])
def test_words_are_runs_of_letters_and_digits(text: str) -> None:
    test = TextTests((Test(any_word=("a",)),), NoValue(()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vaglio.plan.marks.MANY", 0)
        assert test.said(pa.chunked_array([[text]])).vectors == [test.known(text)]


def test_marks_of_more_tests_than_a_number_has_bits() -> None:
    tests = tuple(Test(contains=(f"x{number}y",)) for number in range(130))
    texts = pa.chunked_array([[f"x{number}y" for number in range(MANY)], [" ", ""]])
    many = Marks(TextTests(tests, NoValue(())), "c").rows(texts)
    few = pa.concat_tables(
        Marks(TextTests(tests, NoValue(())), "c").rows(texts[start : start + 1000]) for start in range(0, len(texts), 1000)
    )
    assert many.combine_chunks().equals(few.combine_chunks())
    assert many.num_rows == MANY
    assert many.column("marks_c_2").to_pylist()[129] == 1 << 10
