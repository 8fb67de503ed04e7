"""The addresses of the pages."""

from __future__ import annotations

from django.urls import path

from sightline.web.views import (
    account,
    audit_log,
    charts,
    choices,
    compare,
    dashboards,
    data,
    dead_letters,
    explain,
    exports,
    imports,
    members,
    metrics,
    password,
    rows,
    saved,
    settings,
    sign_in,
)

app_name = "web"

urlpatterns = [
    path("", account.start, name="start"),
    path("sign-in", sign_in.show, name="sign-in"),
    path("sign-out", sign_in.leave, name="sign-out"),
    path("password/forgotten", password.forgotten, name="forgotten-password"),
    path("password/reset/<str:uid>/<str:token>", password.reset, name="reset-password"),
    path("password/change", password.change, name="change-password"),
    path("account", account.account, name="account"),
    path("appearance", account.appearance, name="appearance"),
    path("workspaces", account.workspaces, name="workspaces"),
    path("charts/<str:name>", charts.serve, name="chart-script"),
    path("w/<str:workspace>/", dashboards.home, name="home"),
    path("w/<str:workspace>/d/<str:name>", dashboards.show, name="dashboard"),
    path("w/<str:workspace>/metrics", metrics.catalogue, name="metrics"),
    path("w/<str:workspace>/metrics/<str:name>", metrics.show, name="metric"),
    path("w/<str:workspace>/explain", explain.show, name="explain"),
    path("w/<str:workspace>/rows", rows.show, name="rows"),
    path("w/<str:workspace>/compare", compare.show, name="compare"),
    path("w/<str:workspace>/export-rows.<str:form>", exports.rows, name="export-rows"),
    path("w/<str:workspace>/export-compare.<str:form>", exports.comparison, name="export-compare"),
    path("w/<str:workspace>/export-metric/<str:name>/<str:panel>.<str:form>", exports.metric, name="export-metric"),
    path("w/<str:workspace>/export/<str:name>/<str:panel>.<str:form>", exports.panel, name="export"),
    path("w/<str:workspace>/palette", choices.palette, name="palette"),
    path("w/<str:workspace>/members", choices.of_dimension, name="choices"),
    path("w/<str:workspace>/workspaces", choices.workspace_menu, name="workspace-menu"),
    path("w/<str:workspace>/saved", saved.show, name="saved"),
    path("w/<str:workspace>/data", data.show, name="data"),
    path("w/<str:workspace>/data/import", imports.start, name="import"),
    path("w/<str:workspace>/data/import/<str:run>", imports.step, name="import-run"),
    path("w/<str:workspace>/data/quarantine", data.quarantine, name="quarantine"),
    path("w/<str:workspace>/data/sources/<str:source>/dead-letters", dead_letters.show, name="dead-letters"),
    path("w/<str:workspace>/data/<str:name>", data.dataset, name="dataset"),
    path("w/<str:workspace>/admin/members", members.show, name="members"),
    path("w/<str:workspace>/admin/settings", settings.show, name="settings"),
    path("w/<str:workspace>/admin/audit", audit_log.show, name="audit"),
    path("w/<str:workspace>/view-as", members.view_as, name="view-as"),
    path("w/<str:workspace>/logo", settings.logo, name="logo"),
    path("w/<str:workspace>/brand.css", settings.brand, name="brand"),
]
