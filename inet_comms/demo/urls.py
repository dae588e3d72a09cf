"""Addresses that exist in demo mode only."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.people, name="demo"),
    path("entrer/<int:pk>/", views.enter, name="demo_enter"),
    path("courrier/", views.mailbox, name="demo_mailbox"),
    path("courrier/<slug:name>/", views.letter, name="demo_letter"),
]
