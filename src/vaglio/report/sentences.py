"""The sentences of the report that put its numbers into words."""

from itertools import pairwise

from vaglio.report.charts import Bar
from vaglio.report.figures import Figures
from vaglio.report.inputs import ReportInputs
from vaglio.report.spread import Spread
from vaglio.report.words import _, ngettext, number, percent, plain, whole_points


class Sentences:
    """What the report says in words."""

    def __init__(self, inputs: ReportInputs, found: Figures) -> None:
        self._inputs = inputs
        self._found = found

    def title(self) -> str:
        """Return the model's title."""
        return self._inputs.document.title or plain(self._inputs.document.name)

    def headline(self) -> str:
        """Return the answer the reader came for."""
        found = self._found
        if not found.total:
            return _("There are no leads to score.")
        if not found.rated:
            return ngettext("The one lead is excluded.", "All {total} leads are excluded.", found.total).format(total=number(found.total))
        if self._inputs.document.ratings is None:
            return ngettext("{rated} of {total} lead is rated.", "{rated} of {total} leads are rated.", found.total).format(
                rated=number(found.rated), total=number(found.total)
            )
        ready = sum(cell.leads for cell in found.sales())
        if not ready:
            return _("None of {total} leads is for sales now.").format(total=number(found.total))
        text = ngettext("{ready} of {total} leads is for sales now.", "{ready} of {total} leads are for sales now.", ready)
        return text.format(ready=number(ready), total=number(found.total))

    def lead_in(self) -> str:
        """Return the sentence below the headline: which ratings, worth how much."""
        cells = [cell for cell in self._found.sales() if cell.leads]
        if not cells:
            return ""
        parts = ", ".join(_("{n} {rating}").format(n=number(cell.leads), rating=cell.rating) for cell in cells)
        potential = sum(cell.potential for cell in cells)
        if not potential:
            return _("They are {parts}.").format(parts=parts)
        return _("They are {parts}, with a potential of {potential} together.").format(parts=parts, potential=number(round(potential)))

    def destination(self, name: str | None) -> str:
        """Return where a rating leads to, in words."""
        if name is None:
            return _("not assigned")
        return {"sales": _("sales"), "none": _("no action")}.get(name, plain(name))

    def thresholds(self, axis: str) -> dict[str, str]:
        """Return for each letter or digit the points it stands for."""
        side = self._inputs.document.axis("profile" if axis == "profile" else "engagement")
        ordered = sorted(side.thresholds().items())
        words = {ordered[0][0]: _("{points} points and more").format(points=number(ordered[0][1]))} if ordered else {}
        for (_higher, upper), (name, least) in pairwise(ordered):
            words[name] = _("{least} to {upper}").format(least=number(least), upper=number(upper))
        last = "D" if axis == "profile" else "4"
        if ordered:
            words[last] = _("under {points}").format(points=number(ordered[-1][1]))
        return words

    def spread(self, spread: Spread) -> str:
        """Return a distribution in words, for those who do not see the drawing."""
        rated = self._found.rated
        classes = "; ".join(
            _("{name}: {leads} ({share})").format(name=name, leads=number(leads), share=percent(leads / rated))
            for name, leads in spread.classes
        )
        text = _("Median {median}, lowest {low}, highest {high} points. {classes}.").format(
            median=whole_points(spread.median), low=whole_points(spread.low), high=whole_points(spread.high), classes=classes
        )
        if not spread.is_cut:
            return text
        last = _("The last bar holds all from {least} points on.").format(least=whole_points(spread.bins[-1][0]))
        return f"{text} {last}"

    def bin(self, bar: Bar) -> str:
        """Return the points a bar stands for."""
        if bar.end is None:
            return _("{least} and more").format(least=whole_points(bar.start))
        return _("{least} to {upper}").format(least=whole_points(bar.start), upper=whole_points(bar.end))

    def temperature(self, name: str) -> str:
        """Return a temperature in words."""
        return {"hot": _("hot"), "warm": _("warm"), "cold": _("cold")}.get(name, name)

    def verdict(self, name: str) -> str:
        """Return the verdict on a promise in words."""
        words = {"kept": _("Kept"), "broken": _("Broken"), "too_few": _("Too few to say"), "unknown": _("Not measured")}
        return words[name]
