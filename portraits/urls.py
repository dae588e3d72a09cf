"""Addresses of portraits: the student's own, the comms group's, the public's."""

from django.urls import path

from .views import feed, gallery, mine, pictures, studio

urlpatterns = [
    path("", gallery.home, name="home"),
    path("galerie/", gallery.portraits, name="gallery"),
    path("galerie/promotions/<slug:slug>/", gallery.promotion, name="gallery_promotion"),
    path("galerie/flux/", feed.feed, name="gallery_feed"),
    path("galerie/<slug:slug>/", gallery.portrait, name="gallery_portrait"),
    path("couleurs.css", gallery.colours, name="promotion_colours"),
    path("photos/<uuid:public_id>/<str:name>", pictures.picture, name="photo"),
    path("mon-portrait/", mine.overview, name="my_portrait"),
    path("mon-portrait/questions/<slug:key>/", mine.question, name="my_question"),
    path("mon-portrait/faits/", mine.facts, name="my_facts"),
    path("mon-portrait/photo/", mine.photo, name="my_photo"),
    path("mon-portrait/remettre/", mine.hand_in, name="my_hand_in"),
    path("mon-portrait/signer/", mine.sign, name="my_signature"),
    path("mon-portrait/retirer/", mine.withdraw, name="my_withdrawal"),
    path("mon-portrait/reprendre/", mine.reopen, name="my_reopening"),
    path("tableau/", studio.board, name="board"),
    path("tableau/inviter/", studio.invite, name="invite"),
    path("portraits/<int:pk>/", studio.studio, name="studio"),
    path("portraits/<int:pk>/cadrer/", studio.reframe, name="studio_reframe"),
    path("portraits/<int:pk>/<slug:verb>/", studio.act, name="studio_act"),
]
