"""The addresses of the pages."""

from django.urls import path, re_path

from vaglio_server.web import bulk, home, imports, joining, lead, leads, models, quality, refused, sign_in, sources, welcome

urlpatterns = [
    path("", home.home, name="home"),
    path("leads", leads.lead_list, name="lead-list"),
    path("leads/filter", leads.lead_filter, name="lead-filter"),
    path("leads/count", leads.lead_count, name="lead-count"),
    path("leads/bulk", bulk.lead_bulk, name="lead-bulk"),
    re_path(r"^leads/export\.(?P<kind>csv|xlsx)$", bulk.lead_export, name="lead-export"),
    path("leads/views", leads.view_save, name="view-save"),
    path("leads/views/<int:view_id>/remove", leads.view_remove, name="view-remove"),
    path("leads/<int:lead_id>", lead.lead_detail, name="lead-detail"),
    path("leads/<int:lead_id>/why", lead.lead_why, name="lead-why"),
    path("leads/<int:lead_id>/timeline", lead.lead_timeline, name="lead-timeline"),
    path("leads/<int:lead_id>/matches/<int:match_id>/merge", joining.lead_merge, name="lead-merge"),
    path("leads/<int:lead_id>/matches/<int:match_id>/dismiss", joining.lead_not_same, name="lead-not-same"),
    path("leads/<int:lead_id>/merges/<int:merge_id>/undo", joining.lead_unmerge, name="lead-unmerge"),
    path("leads/<int:lead_id>/identities/<int:identity_id>/part", joining.lead_part, name="lead-part"),
    path("imports", imports.import_list, name="import-list"),
    path("imports/<int:import_id>", imports.import_detail, name="import-detail"),
    path("imports/<int:import_id>/columns", imports.import_columns, name="import-columns"),
    path("imports/<int:import_id>/refused.csv", imports.import_refused, name="import-refused"),
    path("models", models.model_list, name="model-list"),
    path("models/ready/<str:file>", models.model_choose, name="model-choose"),
    path("models/<str:name>", models.model_detail, name="model-detail"),
    path("sources", sources.source_list, name="source-list"),
    path("sources/<int:source_id>", sources.source_detail, name="source-detail"),
    path("refused", refused.refused_list, name="refused-list"),
    path("refused/<int:refused_id>/replay", refused.refused_replay, name="refused-replay"),
    path("suspicious", quality.suspicious_list, name="suspicious-list"),
    path("suspicious/decide", quality.suspicious_decide, name="suspicious-decide"),
    path("machines", quality.machine_list, name="machine-list"),
    path("machines/decide", quality.machine_decide, name="machine-decide"),
    path("machines/mark", quality.machine_mark, name="machine-mark"),
    path(welcome.ADDRESS, welcome.welcome, name="welcome"),
    path("demo/sign-in", sign_in.demo_sign_in, name="demo-sign-in"),
]
