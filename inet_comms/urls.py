"""Every address of the app. Paths are French, since people see them."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from . import health, notices_page, retention_page, sign_in, todo_page

# One door: signing in to the staff desk is signing in like everyone else, second factor included.
admin.site.login = secure_admin_login(admin.site.login)

urlpatterns = [
    path("", include("portraits.urls")),
    path("", include("posts.urls")),
    path("a-faire/", todo_page.page, name="todo"),
    path("notifications/", notices_page.notifications, name="notifications"),
    path("notifications/arreter/<str:token>/", notices_page.off, name="notices_off"),
    path("compte/lien/<str:token>/", sign_in.login_link, name="login_link"),
    path("compte/logout/", sign_in.sign_out, name="account_logout"),
    path("compte/", include("allauth.urls")),
    path("bureau/", admin.site.urls),
    path("donnees/", retention_page.page, name="retention"),
    path("langue/", set_language, name="set_language"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("statusz", health.statusz, name="statusz"),
]
if settings.DEMO:
    urlpatterns.append(path("demo/", include("inet_comms.demo.urls")))
