"""Leads that are probably one person: looked for in bulk, reviewed by people, merged and undone."""
