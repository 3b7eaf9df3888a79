from pathlib import Path

import pytest

from vaglio.demo import make


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("company")
    make(folder, leads=400)
    return folder
