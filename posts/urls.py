"""Addresses of posts and of what became of them."""

from django.urls import path

from .views import asking, desk

urlpatterns = [
    path("publications/", desk.posts, name="posts"),
    path("publications/portrait/<int:portrait>/", desk.draft, name="post_draft"),
    path("publications/<int:pk>/", desk.post, name="post"),
    path("publications/<int:pk>/accord/", desk.words, name="post_words"),
    path("publications/<int:pk>/<slug:verb>/", desk.act, name="post_act"),
    path("est-ce-parti/", asking.did_it_go_out, name="did_it_go_out"),
    path("est-ce-parti/<int:pk>/<slug:verb>/", asking.answer, name="delivery_answer"),
]
