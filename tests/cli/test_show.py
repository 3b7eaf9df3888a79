"""What a terminal and a program are shown."""

import json

import pytest

from vaglio.cli.show import number, print_json


def test_what_is_no_number_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"auc": float("nan"), "ends": (float("inf"), 1.5), "parts": [{"auc": -float("inf")}]})
    printed = capsys.readouterr().out
    assert "NaN" not in printed and "Infinity" not in printed
    assert json.loads(printed) == {"auc": None, "ends": [None, 1.5], "parts": [{"auc": None}]}


def test_and_a_dash_in_a_table() -> None:
    assert (number(float("nan")), number(0.5)) == ("–", "0.500")
