"""The list of rule kinds, written out. One file per kind, named like the word in the document."""

from typing import Annotated

from pydantic import Field

from vaglio.rule import Rule
from vaglio.rules.active_days import ActiveDays
from vaglio.rules.activity import Activity
from vaglio.rules.activity_count import ActivityCount
from vaglio.rules.activity_recency import ActivityRecency
from vaglio.rules.bands import Bands
from vaglio.rules.bands_2d import Bands2d
from vaglio.rules.engaged_colleagues import EngagedColleagues
from vaglio.rules.fields import Fields
from vaglio.rules.inactivity import Inactivity
from vaglio.rules.list_member import ListMember
from vaglio.rules.sequence import Sequence
from vaglio.rules.velocity import Velocity

AnyRule = Annotated[
    Fields | ListMember | Activity | ActivityCount | ActivityRecency | ActiveDays | Velocity | Inactivity
    | Sequence | EngagedColleagues | Bands | Bands2d,
    Field(discriminator="kind"),
]  # fmt: skip

KINDS: dict[str, type[Rule]] = {
    "fields": Fields,
    "list_member": ListMember,
    "activity": Activity,
    "activity_count": ActivityCount,
    "activity_recency": ActivityRecency,
    "active_days": ActiveDays,
    "velocity": Velocity,
    "inactivity": Inactivity,
    "sequence": Sequence,
    "engaged_colleagues": EngagedColleagues,
    "bands": Bands,
    "bands_2d": Bands2d,
}
