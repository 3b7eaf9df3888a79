"""The API: its resources, one router each."""

from ninja import NinjaAPI

from vaglio_server.api import accounts, activities, joining, leads, lists, models, problems, refused, score
from vaglio_server.api.tokens import READING

api = NinjaAPI(title="Vaglio", version="1", auth=READING, urls_namespace="api", docs_url=None)
api.add_router("/leads", leads.router)
api.add_router("/leads", joining.router)
api.add_router("/leads", activities.router)
api.add_router("/accounts", accounts.router)
api.add_router("/lists", lists.router)
api.add_router("/models", models.router)
api.add_router("/refused", refused.router)
api.add_router("/score", score.router)
problems.register(api)
