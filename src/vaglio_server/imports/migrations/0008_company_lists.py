"""The lists that files put companies on are kept as those of leads are: by their entries, also where the company was there already."""

from django.db import migrations

# Of one that was taken off and put on again by somebody, the older entry is the file's.
_FACTS = """
    INSERT INTO imports_importedfact (of_id, member_id, is_made, result, "left")
    SELECT named.of_id, entry.id, true, named.result, '[]'
    FROM imports_importedcompany AS named CROSS JOIN LATERAL jsonb_array_elements_text(named.lists) AS its (list)
    JOIN LATERAL (SELECT min(id) AS id FROM crm_listmember AS member
        WHERE member.list = its.list AND member.account_id = named.account_id
        AND member.known_at >= (SELECT started_at FROM imports_import AS file WHERE file.id = named.of_id)
    ) AS entry ON entry.id IS NOT NULL
    ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("imports", "0007_contacts")]

    operations = [
        migrations.RunSQL(_FACTS, migrations.RunSQL.noop),
        migrations.RemoveField("importedcompany", "lists"),
    ]
