"""Words in the names of fields that say what a field is, before anybody looked into it."""

# The sales process fills these in, or they are worked out from what came later: they may know the outcome.
PROCESS = frozenset({
    "accepted", "close", "closed", "closing", "contract", "conversion", "converted", "deal", "deals", "disposition", "index",
    "invoice", "last", "latest", "lost", "opportunity", "order", "orders", "purchase", "quality", "reason", "rejected", "score",
    "stage", "status", "tag", "tags", "transaction", "transactions", "verdict", "won",
})  # fmt: skip
SELLERS = frozenset({"agent", "assigned", "manager", "owner", "rep", "sdr", "seller", "team"})  # whose a lead is
FIRMS = frozenset({"account", "company", "organisation", "organization"})  # a name of one, where nothing else is said


def knows(name: str) -> bool:
    """Return whether a field is named like one that may know the outcome."""
    return not PROCESS.isdisjoint(name.split("_"))
