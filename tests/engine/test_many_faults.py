"""A text that is no model at all is told so soon: it is read while somebody types it."""

from time import monotonic

import pytest

from vaglio.document import loads
from vaglio.errors import DocumentError


def test_a_thousand_unknown_keys_are_told_soon() -> None:
    text = "format: 1\n" + "".join(f"key_{number}: 1\n" for number in range(1_000))
    before = monotonic()
    with pytest.raises(DocumentError) as told:
        loads(text)
    assert len(told.value.issues) > 1_000
    assert monotonic() - before < 20, "three minutes, where the known keys are asked for at each"
