"""The addresses of held rows, values entered by hand and archived members."""

from __future__ import annotations

from django.urls import path

from sightline.web.views import archive, entries, held, quarantine

urlpatterns = [
    path("w/<str:workspace>/data/quarantine", quarantine.show, name="quarantine"),
    path("w/<str:workspace>/data/quarantine/row", held.show, name="held-row"),
    path("w/<str:workspace>/data/quarantine/settle", held.settle, name="settle-held"),
    path("w/<str:workspace>/export-quarantine.<str:form>", quarantine.export, name="export-quarantine"),
    path("w/<str:workspace>/data/archive", archive.ask, name="archive"),
    path("w/<str:workspace>/data/archived", archive.archived, name="archived"),
    path("w/<str:workspace>/data/<str:name>/enter", entries.enter, name="enter"),
    path("w/<str:workspace>/data/<str:name>/entries", entries.entries, name="entries"),
]
