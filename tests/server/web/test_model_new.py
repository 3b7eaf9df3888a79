"""A second model is begun in the browser: from a ready one, from one that is there, from a file; never in the place of another."""

from io import BytesIO
from typing import Any

import pytest

from tests.server.web.people import make_people, signed_in
from tests.server.web.reading import read
from tests.server.world import MODEL, make_live

NEW = "/models/new-model"
FILE = MODEL.replace("name: small", "name: of_mine")


@pytest.fixture
def marta(tables: Any) -> Any:
    people = make_people()
    make_live("drives: lifecycle\n" + MODEL + "# a remark that stays\n")
    return signed_in(people["marta"])


def file_of(text: bytes) -> BytesIO:
    file = BytesIO(text)
    file.name = "mine.yaml"
    return file


def newest() -> Any:
    from vaglio_server.scoring.models import ModelVersion

    return ModelVersion.objects.select_related("scoring_model").order_by("-pk")[0]


def test_a_copy_has_a_name_of_its_own_and_takes_over_from_nobody(marta: Any) -> None:
    from vaglio_server.scoring.engine import document_of
    from vaglio_server.scoring.models import ScoringModel

    assert f'href="{NEW}"' in read(marta.get("/models/small")) and "small" in read(marta.get(NEW))
    answer = marta.post(NEW, {"title": "Piccole & medie imprese", "begin": "model:small"}, follow=True)
    made = newest()
    assert answer.redirect_chain == [("/models/piccole_medie_imprese?version=1", 302)] and "kept as a draft" in read(answer)
    document = document_of(made.text)
    assert (document.name, document.title, document.drives) == ("piccole_medie_imprese", "Piccole & medie imprese", None)
    assert made.is_draft and "# a remark that stays" in made.text
    assert ScoringModel.objects.get(is_driving=True).name == "small"
    assert f'href="{NEW}"' in read(marta.get("/models"))


def test_every_ready_model_can_be_begun_with(marta: Any) -> None:
    from vaglio_server.web.models import ready_models

    for place, each in enumerate(ready_models()):
        marta.post(NEW, {"title": f"Mine {place}", "begin": f"ready:{each.file}"})
        assert newest().scoring_model.name == f"mine_{place}" and newest().title == f"Mine {place}"


@pytest.mark.parametrize(("title", "name"), [("", "of_mine"), ("Baltics", "baltics")])
def test_a_file_keeps_its_name_or_gets_another(marta: Any, title: str, name: str) -> None:
    marta.post(NEW, {"title": title, "begin": "file", "file": file_of(b"\xef\xbb\xbf" + FILE.replace("\n", "\r\n").encode())})
    assert newest().scoring_model.name == name


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"begin": "model:small"}, "It has no name yet."),
        ({"title": "Mine", "begin": "model:other"}, "Choose what it begins with."),
        ({"title": "Small", "begin": "model:small"}, "There is a model small already"),
        ({"begin": "file", "file": MODEL.encode()}, "There is a model small already"),
        ({"begin": "file"}, "Choose a file."),
        ({"begin": "file", "file": b"\xff\xfe"}, "mine.yaml is not UTF-8 text"),
        ({"begin": "file", "file": b"x" * 1_000_001}, "larger than a megabyte"),
        ({"begin": "file", "file": FILE.replace("points: 60", "points: much").encode()}, "line "),
        ({"title": "Mine", "begin": "file", "file": b"- 1"}, "mapping"),
    ],
)
def test_what_cannot_be_begun_is_said_and_nothing_is_made(marta: Any, asked: dict[str, Any], said: str) -> None:
    before = newest().pk
    if isinstance(text := asked.get("file"), bytes):
        asked = asked | {"file": file_of(text)}
    answer = marta.post(NEW, asked)
    assert answer.status_code == 422 and said in read(answer) and newest().pk == before


@pytest.mark.parametrize(
    "text",
    [
        FILE.replace("name: of_mine", "name: &its of_mine\ndescription: *its"),
        FILE + "title: &its Mine\ndescription: *its\n",
        "drives: &its lifecycle\ndescription: *its\n" + FILE,
    ],
)
def test_what_is_meant_elsewhere_too_is_not_written_over(marta: Any, text: str) -> None:
    """By a file with aliases, and by a copy of a model that has some."""
    from vaglio_server.scoring.models import ScoringModel

    asked = {"title": "Baltics", "begin": "file", "file": file_of(text.encode())}
    answer = marta.post(NEW, asked)
    assert answer.status_code == 422 and "aliases" in read(answer) and newest().scoring_model.name == "small"
    marta.post(NEW, asked | {"title": "", "file": file_of(text.encode())})
    assert newest().scoring_model.name == "of_mine"
    answer = marta.post(NEW, {"title": "Baltics", "begin": "model:of_mine"})
    assert answer.status_code == 422 and not ScoringModel.objects.filter(name="baltics").exists()


def test_a_model_that_is_called_ready_has_all_its_pages(marta: Any) -> None:
    """The address of ready models begins so."""
    marta.post(NEW, {"title": "Ready", "begin": "model:small"})
    assert [marta.get(f"/models/ready{page}").status_code for page in ("?version=1", "/edit", "/tune", "/rule", "/evidence")] == [200] * 5


def test_it_is_for_marketers(marta: Any) -> None:
    from vaglio_server.users.models import User

    luca = signed_in(User.objects.get(username="luca"))
    assert luca.get(NEW).status_code == 403 and NEW not in read(luca.get("/models/small"))
