"""Where the stand-in shop answers: Saleor's addresses."""

from django.urls import path

from .shop import views

urlpatterns = [
    path("graphql/", views.graphql),
    path(".well-known/jwks.json", views.jwks),
    path("health/", views.health),
    path("media/<slug:slug>.svg", views.picture),
    path("plugins/saleor.livesales/<path:path>", views.plugin),
]
