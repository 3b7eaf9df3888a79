from django.db import migrations

# What nobody reads again is not kept.
ENDED = "state NOT IN ('ready', 'running')"
PARTS = f"DELETE FROM imports_importpart USING imports_import AS its WHERE its.id = of_id AND its.{ENDED}"
VALUES = f"""UPDATE imports_import SET kinds = (
    SELECT jsonb_object_agg(place, told || '{{"values": []}}') FROM jsonb_each(kinds) AS its (place, told)
) WHERE {ENDED} AND kinds <> '{{}}'"""


class Migration(migrations.Migration):
    """Files that were brought in are not kept beside what came of their rows, nor what was seen in their cells."""

    dependencies = [("imports", "0013_again")]

    operations = [migrations.RunSQL([PARTS, VALUES], migrations.RunSQL.noop)]
