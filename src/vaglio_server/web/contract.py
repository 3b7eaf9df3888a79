"""How far a version is on its way from a draft to a contract, and what whoever looks may do about it."""

from dataclasses import dataclass

from vaglio_server.scoring.engine import document_of
from vaglio_server.scoring.models import SIGNERS, ModelSignature, ModelVersion, Side
from vaglio_server.scoring.queries import live_versions
from vaglio_server.studies.models import Study, Trial
from vaglio_server.studies.queries import learned_as, standing, tried
from vaglio_server.users.models import Role, User


@dataclass(frozen=True)
class Word:
    """What a side has said of a version, and what the reader may do about it."""

    side: Side
    signature: ModelSignature | None
    may_sign: bool
    may_take_back: bool


@dataclass(frozen=True)
class Contract:
    """What is to be done before a version is relied on, and how far it is."""

    words: list[Word]
    live: ModelVersion | None  # of the same model, or else the one that drives
    is_in_its_place: bool  # it is of the same model, and over once this one is live
    will_drive: bool
    takes_from: ModelVersion | None  # of another model: it moves leads until this one is live, and not after it
    trial: Trial | None
    learned: Trial | None  # in which it was learned; only where it was not tried by itself
    comparison: Study | None

    @property
    def missing(self) -> list[Side]:
        """The sides that have not signed."""
        return [word.side for word in self.words if word.signature is None]


def contract_of(version: ModelVersion, user: User) -> Contract:
    """Return how far a version is on its way from a draft to a contract."""
    signatures = {signature.side: signature for signature in version.signatures.all()}
    has_signed = any(signature.by == user.username for signature in signatures.values())
    is_over = version.live_to is not None

    def word(side: Side) -> Word:
        signature = signatures.get(side)
        if signature is None:
            return Word(side, None, user.role in SIGNERS[side] and not has_signed and not is_over, False)
        return Word(side, signature, False, not is_over and (signature.by == user.username or user.role == Role.ADMINISTRATOR))

    others = [each for each in live_versions() if each != version]
    own = next((each for each in others if each.scoring_model_id == version.scoring_model_id), None)
    driving = next((each for each in others if each.scoring_model.is_driving), None)
    live, loser = own or driving, takes_from(version)
    drives = loser is not None or driving is None or driving == own
    trial = tried(version).done
    learned = learned_as(version) if trial is None and document_of(version.text).learned is not None else None
    compared = standing(live, version).done if live else None
    return Contract([word(side) for side in Side], live, own is not None, drives, loser, trial, learned, compared)


def takes_from(version: ModelVersion) -> ModelVersion | None:
    """Return the live version of another model that moves leads until a version is live, and not after it."""
    if document_of(version.text).drives is None:
        return None
    return next((each for each in live_versions() if each.scoring_model.is_driving and each.scoring_model != version.scoring_model), None)
