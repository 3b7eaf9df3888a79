"""How well learned documents tell leads apart, beside others, by the protocol of the data's README: five stratified folds of a fixed seed.

``python -m benchmarks.learning [--task NAME] [--method logistic|readable|full]``. In the same run: one-hot logistic regression and
histogram boosting of scikit-learn, a naive Bayes as Odoo's, interpret's own explainable boosting with ten pairs, and what
requirements/bench.txt brings (``make bench`` installs it): CatBoost, LightGBM, XGBoost. Each fold learns from four fifths, bends its
probabilities by a quarter of these, and is asked about the fifth. Differences of AUC come with a 95 % interval: leads are drawn again
inside each fold, the same for both. Then all leads are learned from at once: how long that takes, and whether the scores of the document
are on every row the sum of the learner's terms, each rounded once.
"""

import argparse
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.learning_data import TASKS, Task, write_leads
from vaglio.cli.examples import Wanted, examples
from vaglio.learning.candidates import Choice, candidates
from vaglio.learning.coded import coded
from vaglio.learning.discrimination import auc, calibration_error, line_through
from vaglio.learning.folding import folds
from vaglio.learning.inputs import COARSE, FINE
from vaglio.learning.known import known
from vaglio.learning.learn import Asked, fit, learn
from vaglio.learning.terms import probability
from vaglio.learning.write import rounded
from vaglio.paths import Paths
from vaglio.scoring import score_rows

RESULTS = Path(__file__).parent / "results" / "learning.json"
SEED = 20240601
DRAWS = 400
BOOSTERS = ("EBM", "CatBoost", "LightGBM", "XGBoost", "histogram boosting")
WAYS = {
    "logistic": Asked("logistic", "m", seed=SEED),
    "readable": Asked("predictive", "m", seed=SEED),
    "full": Asked("predictive", "m", full=True, seed=SEED),
}
MODULES = {"interpret-core": "interpret", "scikit-learn": "sklearn", "xgboost-cpu": "xgboost"}  # where the name to import is another
Predict = Callable[[Any, Any], tuple[Any, Any]]


def protocol(labels: Any) -> list[tuple[Any, Any]]:
    """Return the rows to learn from and to ask about, of each fold."""
    from sklearn.model_selection import StratifiedKFold

    return list(StratifiedKFold(5, shuffle=True, random_state=SEED).split(np.zeros(len(labels)), labels))


def ours(way: Asked, inputs: Any, codes: Any, labels: Any) -> Predict:
    """Return what learns a document's terms and asks them."""

    def predict(train: Any, test: Any) -> tuple[Any, Any]:
        inner = folds(labels[train], 4, SEED) == 0
        varied = [place for place in range(len(inputs)) if len(np.unique(codes[train, place])) > 1]
        some = [inputs[place] for place in varied]
        part, known = codes[train][:, varied], labels[train]
        held, recoding, _strength = fit(some, part[~inner], known[~inner], way)
        bend = line_through(known[inner], held.log_odds(recoding.of(part[inner])))
        terms, recoding, _strength = fit(some, part, known, way)
        found = terms.log_odds(recoding.of(codes[test][:, varied]))
        return found, probability(bend[0] + bend[1] * found)

    return predict


def theirs(model: Callable[[], Any], table: Any, labels: Any) -> Predict:
    """Return what learns with a model of scikit-learn's kind and asks it."""

    def predict(train: Any, test: Any) -> tuple[Any, Any]:
        chances = model().fit(table[train], labels[train].astype(int)).predict_proba(table[test])[:, 1]
        return chances, chances

    return predict


def measured(predict: Predict, labels: Any) -> dict[str, Any]:
    """Return the AUC of each fold, and the calibration error of all predictions together."""
    scores, pooled, seconds, pooled_scores = [], np.zeros(len(labels)), [], np.zeros(len(labels))
    for train, test in protocol(labels):
        start = time.perf_counter()
        found, chances = predict(train, test)
        seconds.append(time.perf_counter() - start)
        scores.append(auc(labels[test], np.asarray(found, float)))
        pooled[test], pooled_scores[test] = chances, found
    return {
        "scores": pooled_scores,
        "auc": round(float(np.mean(scores)), 4), "auc_of_folds": [round(each, 4) for each in scores],
        "calibration_error": round(calibration_error(labels, pooled), 4), "seconds_a_fold": round(float(np.median(seconds)), 1),
    }  # fmt: skip


def apart(labels: Any, ours: Any, theirs: Any) -> dict[str, float]:
    """Return how much better ours tells leads apart, the mean of folds, and its 95 % interval from leads drawn again inside each fold."""
    drawn = np.random.default_rng(SEED)
    parts = [test for _train, test in protocol(labels)]

    def difference(picked: list[Any]) -> float:
        return float(np.mean([auc(labels[part], ours[part]) - auc(labels[part], theirs[part]) for part in picked]))

    found = [difference([drawn.choice(part, len(part)) for part in parts]) for _ in range(DRAWS)]
    low, high = np.quantile(found, [0.025, 0.975])
    return {"difference": round(difference(parts), 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def whole(found: Any, way: Asked) -> dict[str, Any]:
    """Return how long it takes to learn from all leads, and on how many rows the document scores as the terms add up."""
    start = time.perf_counter()
    asked = replace(way, allow=frozenset(found.declared["fields"]))
    learned = learn(found.engine, found.declared, found.facts, found.at, found.labels.array, asked)
    seconds = time.perf_counter() - start
    terms = rounded(learned.terms)
    bands = coded(found.engine, found.declared, terms.inputs, found.facts, found.at)
    expected = dict(zip(bands.lead_ids, np.round(terms.log_odds(bands.codes) * 1000).astype(int).tolist(), strict=True))
    rows = score_rows(found.engine, learned.document, found.facts, found.at)
    exact = sum(row["profile_millipoints"] + row["engagement_millipoints"] == expected[row["lead_id"]] for row in rows)
    return {"learning_seconds": round(seconds, 1), "rows": len(rows), "rows_exact": exact}


def rivals(table: Any, is_text: list[bool]) -> dict[str, Callable[[], Any]]:
    """Return what is run beside ours."""
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import BernoulliNB
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import KBinsDiscretizer, OneHotEncoder, OrdinalEncoder, StandardScaler

    texts = [place for place, each in enumerate(is_text) if each]
    numbers = [place for place, each in enumerate(is_text) if not each]

    def prepared(of_texts: Any, *of_numbers: Any) -> Any:
        filled = make_pipeline(SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True), *of_numbers)
        return make_column_transformer((of_texts, texts), (filled, numbers))

    def one_hot() -> Any:
        return OneHotEncoder(min_frequency=20, handle_unknown="infrequent_if_exist", sparse_output=False)

    ordinal = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, min_frequency=20)
    plain: dict[str, Callable[[], Any]] = {
        "one-hot logistic": lambda: make_pipeline(prepared(one_hot(), StandardScaler()), LogisticRegression(C=1, max_iter=2_000)),
        "histogram boosting": lambda: make_pipeline(
            prepared(ordinal), HistGradientBoostingClassifier(max_iter=300, learning_rate=0.05, random_state=SEED)
        ),
        "naive Bayes": lambda: make_pipeline(
            prepared(one_hot(), KBinsDiscretizer(8, encode="onehot-dense", quantile_method="averaged_inverted_cdf")), BernoulliNB()
        ),
    }
    return plain | {"EBM": _explainable(is_text)} | _boosters(lambda: prepared(one_hot()))


def _explainable(is_text: list[bool]) -> Callable[[], Any]:
    """Return interpret's own machine, which reads columns as they are."""
    from interpret.glassbox import ExplainableBoostingClassifier

    kinds = ["nominal" if each else "continuous" for each in is_text]
    return lambda: ExplainableBoostingClassifier(feature_types=kinds, interactions=10, random_state=SEED, n_jobs=2)


def _boosters(prepared: Callable[[], Any]) -> dict[str, Callable[[], Any]]:
    """Return those of the large libraries that are installed, as the data's README sets them."""
    from sklearn.pipeline import make_pipeline

    found: dict[str, Callable[[], Any]] = {}
    if find_spec("catboost"):
        from catboost import CatBoostClassifier

        found["CatBoost"] = lambda: make_pipeline(
            prepared(),
            CatBoostClassifier(iterations=500, learning_rate=0.05, depth=6, random_seed=SEED, verbose=0, allow_writing_files=False),
        )
    if find_spec("lightgbm"):
        from lightgbm import LGBMClassifier

        found["LightGBM"] = lambda: make_pipeline(
            prepared(), LGBMClassifier(n_estimators=300, learning_rate=0.03, num_leaves=31, random_state=SEED, verbose=-1)
        )
    if find_spec("xgboost"):
        from xgboost import XGBClassifier

        found["XGBoost"] = lambda: make_pipeline(
            prepared(), XGBClassifier(n_estimators=300, learning_rate=0.05, max_depth=5, random_state=SEED)
        )
    return found


def run(task: Task, data: Path, ways: list[str]) -> dict[str, Any]:
    """Return what each reaches on a task."""
    with tempfile.TemporaryDirectory() as folder:
        leads = Path(folder) / "leads.csv"
        write_leads(task, data, leads)
        paths = Paths(leads, activities=data / task.activities if task.activities else None)
        with examples(Wanted(paths, task.columns, "label", at_age=task.at_age, no_value=("Select",))) as found:
            told: dict[str, Any] = {}
            for name in ways:
                choice = Choice(edges=COARSE if WAYS[name].method == "logistic" else FINE, allow=frozenset(found.declared["fields"]))
                seen = known(found.engine, found.declared, found.facts, found.at, found.labels.array)
                inputs, _notes = candidates(found.declared, seen, choice)
                bands = coded(found.engine, found.declared, inputs, found.facts, found.at).of(seen.lead_ids)
                labels = seen.labels
                told[name] = measured(ours(WAYS[name], inputs, bands.codes, labels), labels) | whole(found, WAYS[name])
                print(task.name, name, {key: value for key, value in told[name].items() if key != "scores"}, flush=True)
            table, is_text = _raw(found, inputs, bands)
            for name, model in rivals(table, is_text).items():
                told[name] = measured(theirs(model, table, labels), labels)
                print(task.name, name, {key: value for key, value in told[name].items() if key != "scores"}, flush=True)
            _compared(told, labels, ways)
    return {"leads": len(labels), "outcomes": int(labels.sum()), "README: logistic, best": [task.logistic, task.boosted], "reached": told}


def _compared(told: dict[str, Any], labels: Any, ways: list[str]) -> None:
    """Write beside each of ours how far it is from its rival: logistic from one-hot logistic, the others from the best booster."""
    best = max((name for name in BOOSTERS if name in told), key=lambda name: told[name]["auc"])
    for name in ways:
        rival = "one-hot logistic" if name == "logistic" else best
        told[name]["beside"] = {"rival": rival} | apart(labels, told[name]["scores"], told[rival]["scores"])
    for each in told.values():
        del each["scores"]


def _raw(found: Any, inputs: Any, bands: Any) -> tuple[Any, list[bool]]:
    """Return what others read: fields as they are, and the bands of measures as numbers."""
    rows = found.engine.arrow(found.facts.leads)
    order = np.argsort(np.array(rows.column("lead_id").to_pylist()))
    columns, is_text = [], []
    for name, kind in found.declared["fields"].items():
        values = np.array(rows.column(f"f_{name}").to_pylist(), object)[order]
        if kind == "date":
            continue
        is_text.append(kind == "string")
        columns.append(np.array(["" if each is None else each for each in values] if kind == "string" else
                                [np.nan if each is None else float(each) for each in values], object))  # fmt: skip
    for place, each in enumerate(inputs):
        if each.axis == "engagement":
            is_text.append(False)
            columns.append(bands.codes[:, place].astype(float).astype(object))
    return np.stack(columns, axis=1), is_text


def main() -> None:
    """Measure, print and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--task", help="only those whose name contains it")
    parser.add_argument("--method", choices=list(WAYS))
    given = parser.parse_args()
    data = Path(os.environ.get("VAGLIO_DATA", "../shared/data")).resolve()
    ways = [given.method] if given.method else list(WAYS)
    told: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() and given.task else {}
    for task in TASKS:
        if not given.task or given.task in task.name:
            told[task.name] = run(task, data, ways)
    used = ("interpret-core", "scikit-learn", "scipy", "numpy", "catboost", "lightgbm", "xgboost-cpu")
    libraries = {name: version(name) for name in used if find_spec(MODULES.get(name, name))}
    told |= {"machine": platform.platform(), "cores": os.cpu_count(), "libraries": libraries, "seed": SEED}
    RESULTS.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
