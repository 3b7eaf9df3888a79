"""Commands say at once that they are asked for more than they do."""

from pathlib import Path

import pytest

from tests.cli.company import vaglio

pytestmark = pytest.mark.usefixtures("tables")


def said(*arguments: object) -> tuple[int, str]:
    """Return the exit code, and what is said to be wrong."""
    done = vaglio(*arguments)
    return done.returncode, " ".join(done.stderr.split()).rpartition("Invalid value for ")[-1]


@pytest.mark.parametrize(("leads", "bound"), [(49, "greater than or equal to 50"), (1_000_001, "less than or equal to 1000000")])
def test_a_demo_has_a_million_leads_at_the_most(leads: int, bound: str) -> None:
    # Without the bound it would stop what is not there.
    assert said("demo", "--leads", leads, "--stop") == (2, f"'--leads': Input should be {bound}")


def test_a_made_company_has_as_many_leads_as_its_numbers_hold(tmp_path: Path) -> None:
    from vaglio.cli.demo_data import MOST_LEADS
    from vaglio.demo.recipe import MOST_LEADS as MADE

    (tmp_path / "leads.csv").write_text("mine")  # without the bound it would be said that this is not to be written over
    assert said("demo-data", tmp_path, "--leads", MOST_LEADS + 1) == (2, f"'--leads': Input should be less than or equal to {MADE}")


@pytest.mark.parametrize(("sample", "bound"), [(0, "greater than or equal to 1"), (1_000_001, "less than or equal to 1000000")])
def test_a_recheck_is_of_a_million_scores_at_the_most(sample: int, bound: str) -> None:
    assert said("recheck", "--sample", sample) == (2, f"'--sample': Input should be {bound}")
