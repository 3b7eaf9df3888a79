"""The addresses of the pages."""

from django.urls import path

from vaglio_server.web import home, lead, leads, models, refused, sign_in

urlpatterns = [
    path("", home.home, name="home"),
    path("leads", leads.lead_list, name="lead-list"),
    path("leads/<int:lead_id>", lead.lead_detail, name="lead-detail"),
    path("leads/<int:lead_id>/why", lead.lead_why, name="lead-why"),
    path("leads/<int:lead_id>/timeline", lead.lead_timeline, name="lead-timeline"),
    path("models", models.model_list, name="model-list"),
    path("models/<str:name>", models.model_detail, name="model-detail"),
    path("refused", refused.refused_list, name="refused-list"),
    path("refused/<int:refused_id>/replay", refused.refused_replay, name="refused-replay"),
    path("demo/sign-in", sign_in.demo_sign_in, name="demo-sign-in"),
]
