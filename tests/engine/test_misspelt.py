"""A key that is misspelt is told with one that is near; a text full of them is told at once, since it is looked at while it is typed."""

import time

import pytest

from vaglio.document import loads
from vaglio.errors import DocumentError


def test_many_misspelt_keys_are_told_at_once() -> None:
    text = "format: 1\nname: small\n" + "".join(f"key{number}: 1\n" for number in range(100)) + "profle: {}\n"
    began = time.process_time()
    with pytest.raises(DocumentError) as wrong:
        loads(text)
    assert time.process_time() - began < 4  # 0.2; asked anew for each which keys there are, 9
    hints = {issue.message: issue.hint for issue in wrong.value.issues}
    assert hints["unknown key profle"] == "did you mean profile?" and hints["unknown key key7"].startswith("remove it")
