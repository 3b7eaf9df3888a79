from django.db import migrations, models
from django.db.models import Q

# Of what was recorded when a sale was won or lost, the currency is the one that the sale had by then; of anything else nobody said one.
SALES = """
UPDATE crm_leadoutcome AS fate SET currency = found.currency FROM (
    SELECT told.id, COALESCE((
        SELECT said.value #>> '{}' FROM crm_fieldchange AS said
        WHERE said.opportunity_id = ended.opportunity_id AND said.field = 'currency' AND said.known_at <= told.known_at
        ORDER BY said.known_at DESC, said.id DESC LIMIT 1
    ), sale.currency) AS currency
    FROM crm_fieldchange AS ended JOIN crm_opportunity AS sale ON sale.id = ended.opportunity_id
    JOIN crm_leadoutcome AS told ON told.occurred_at = ended.known_at AND told.outcome = ended.value #>> '{}'
    WHERE ended.opportunity_id IS NOT NULL AND ended.field = 'outcome' AND told.value IS NOT NULL
) AS found WHERE found.id = fate.id AND found.currency ~ '^[A-Z]{3}$'
"""


class Migration(migrations.Migration):
    """What was won or lost has its currency."""

    dependencies = [("crm", "0028_objections")]

    operations = [
        migrations.AddField(model_name="leadoutcome", name="currency", field=models.CharField(max_length=3, null=True)),
        migrations.AddConstraint(
            model_name="leadoutcome",
            constraint=models.CheckConstraint(
                name="currency_of_value", condition=Q(currency=None) | Q(value__isnull=False, currency__regex="^[A-Z]{3}$")
            ),
        ),
        migrations.RunSQL(SALES, migrations.RunSQL.noop),
    ]
