"""Where leads stand, how they came there, whose they became, the promised first responses that run, and what happened."""

from vaglio_server.lifecycle.models.clocks import ClockPause, Escalation, SlaClock, Step
from vaglio_server.lifecycle.models.conversions import TEAM, Conversion, ConversionMapping, Made
from vaglio_server.lifecycle.models.happenings import Happening, Kind
from vaglio_server.lifecycle.models.notices import About, Notice, Wanted
from vaglio_server.lifecycle.models.nurture import LookAtAll, NurtureEnrollment, Why
from vaglio_server.lifecycle.models.opinions import SecondOpinion
from vaglio_server.lifecycle.models.routing import BY, Queue, RoutingRule, Share
from vaglio_server.lifecycle.models.sellers import Assignment, BusinessCalendar, Seller
from vaglio_server.lifecycle.models.standing import LeadStage, Reason, Stage, StageMove

__all__ = [
    "BY",
    "TEAM",
    "About",
    "Assignment",
    "BusinessCalendar",
    "ClockPause",
    "Conversion",
    "ConversionMapping",
    "Escalation",
    "Happening",
    "Kind",
    "LeadStage",
    "LookAtAll",
    "Made",
    "Notice",
    "NurtureEnrollment",
    "Queue",
    "Reason",
    "RoutingRule",
    "SecondOpinion",
    "Seller",
    "Share",
    "SlaClock",
    "Stage",
    "StageMove",
    "Step",
    "Wanted",
    "Why",
]
