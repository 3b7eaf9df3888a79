"""How long what nobody needs any more is kept."""

from django.db import models


class Retention(models.Model):
    """For how long requests and people are kept [months]; None: for ever. One row at most: without it nothing is deleted by itself.

    ``requests_through``: the last request that was emptied, so that none is looked at twice; ``ran_at``: when all that is
    old was last looked for; while somebody looks, an instant from which it is due again soon, unless they go on.
    """

    requests_months = models.PositiveSmallIntegerField(null=True)
    people_months = models.PositiveSmallIntegerField(null=True)
    requests_through = models.BigIntegerField(default=0)
    ran_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"requests {self.requests_months}, people {self.people_months} months"
