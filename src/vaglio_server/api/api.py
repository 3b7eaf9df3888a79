"""The API: its resources, one router each."""

from vaglio_server.api import (
    accounts,
    activities,
    calendars,
    campaigns,
    changes,
    contacts,
    converting,
    fields,
    handed,
    happenings,
    idle,
    joining,
    leads,
    lists,
    models,
    notes,
    opinions,
    opportunities,
    outcomes,
    people,
    pipelines,
    problems,
    refused,
    routing,
    rules,
    score,
    stages,
    webhooks,
)
from vaglio_server.api.described import DescribedAPI
from vaglio_server.api.exact import ExactRenderer
from vaglio_server.api.tokens import READING

api = DescribedAPI(title="Vaglio", version="1", auth=READING, renderer=ExactRenderer(), urls_namespace="api", docs_url=None)
api.add_router("/leads", leads.router)
api.add_router("/leads", joining.router)
api.add_router("/leads", activities.router)
api.add_router("/leads", outcomes.router)
api.add_router("/leads", converting.router)
api.add_router("/accounts", accounts.router)
api.add_router("/contacts", contacts.router)
api.add_router("/opportunities", opportunities.router)
api.add_router("", notes.router)
api.add_router("", changes.router)
api.add_router("/fields", fields.router)
api.add_router("/campaigns", campaigns.router)
api.add_router("/lists", lists.router)
api.add_router("/models", models.router)
api.add_router("/people", people.router)
api.add_router("/refused", refused.router)
api.add_router("/score", score.router)
api.add_router("", stages.router)
api.add_router("", happenings.router)
api.add_router("/idle", idle.router)
api.add_router("/handed", handed.router)
api.add_router("/opinions", opinions.router)
api.add_router("/routing", routing.router)
api.add_router("/routing", rules.router)
api.add_router("/routing", calendars.router)
api.add_router("", pipelines.router)
api.add_router("/webhooks", webhooks.router)
problems.register(api)
