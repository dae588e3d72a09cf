"""Addresses of posts and of what became of them."""

from django.urls import path

from .views import accounts, asking, calendar, desk, feeds, planning, removing, sharing, stopping

urlpatterns = [
    path("calendrier/", calendar.calendar, name="calendar"),
    path("calendrier/abonnement/", feeds.subscription, name="calendar_subscription"),
    path("calendrier/plan/", planning.plan, name="plan"),
    path("calendrier/partage/", sharing.sharing, name="sharing"),
    path("calendrier/partage/<int:pk>/<str:day>/", sharing.slot, name="slot"),
    path("calendrier/partage/<int:pk>/<str:day>/<slug:verb>/", sharing.act, name="slot_act"),
    path("calendrier/<str:token>.ics", feeds.personal, name="calendar_feed"),
    path("publications.ics", feeds.public, name="public_calendar"),
    path("publications/", desk.posts, name="posts"),
    path("publications/portrait/<int:portrait>/", desk.draft, name="post_draft"),
    path("publications/<int:pk>/", desk.post, name="post"),
    path("publications/<int:pk>/accord/", desk.words, name="post_words"),
    path("publications/<int:pk>/retirer/", removing.take_down_post, name="post_take_down"),
    path("publications/<int:pk>/deplacer/", calendar.move, name="post_move"),
    path("publications/<int:pk>/<slug:verb>/", desk.act, name="post_act"),
    path("est-ce-parti/", asking.did_it_go_out, name="did_it_go_out"),
    path("est-ce-parti/laisser-partir/", asking.release, name="deliveries_release"),
    path("est-ce-parti/<int:pk>/sur-la-page/", asking.on_the_page, name="delivery_there"),
    path("est-ce-parti/<int:pk>/retirer/", removing.take_down, name="delivery_take_down"),
    path("est-ce-parti/<int:pk>/<slug:verb>/", asking.answer, name="delivery_answer"),
    path("arret/", stopping.stop, name="stop"),
    path("arret/appuyer/", stopping.press, name="stop_press"),
    path("arret/reprendre/", stopping.lift, name="stop_lift"),
    path("arret/retirer/", stopping.remove, name="stop_remove"),
    path("comptes/", accounts.accounts, name="accounts"),
    path("comptes/<int:pk>/deconnecter/", accounts.disconnect, name="account_disconnect"),
    path("comptes/<slug:network>/", accounts.connect, name="account_connect"),
    path("comptes/<slug:network>/retour/", accounts.come_back, name="account_return"),
    path("comptes/<slug:network>/choisir/<int:pk>/", accounts.choose, name="account_choose"),
]
