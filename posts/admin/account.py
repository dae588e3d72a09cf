"""The school's pages: how they are, and the button that forgets a token. Tokens are never shown."""

from django.contrib import admin, messages
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from inet_comms.admin_site import ReadOnlyAdmin

from ..actions.connecting import disconnect
from ..models import Account
from ..secrecy import Unreadable


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    list_display = ("name", "network", "health", "followers", "connected_by", "connected_at", "expires_at")
    list_select_related = ("connected_by",)
    list_filter = ("network", "needs_reconnect")
    search_fields = ("name", "handle", "remote_id")
    fields = readonly_fields = (
        "network",
        "name",
        "handle",
        "remote_id",
        "api_url",
        "url",
        "followers",
        "health",
        "last_error",
        "last_read_at",
        "version_there",
        "connected_by",
        "connected_at",
        "expires_at",
        "refresh_expires_at",
        "scopes",
    )

    @admin.display(description=gettext_lazy("health"))
    def health(self, account):
        if isinstance(account.token, Unreadable):
            return _("its token cannot be read with the present keys")
        if not account.token:
            return _("not connected")
        return _("must be connected again") if account.needs_reconnect else _("connected")

    def get_urls(self):
        return [
            path(
                "<int:pk>/deconnecter/",
                self.admin_site.admin_view(self.disconnect),
                name="posts_account_disconnect",
            ),
            *super().get_urls(),
        ]

    @method_decorator(require_POST)
    def disconnect(self, request, pk):
        account = disconnect(get_object_or_404(Account, pk=pk), by=request.user)
        self.log_change(request, account, _("Disconnected: the token is forgotten."))
        messages.success(
            request,
            _("%(page)s is disconnected: its token is forgotten, and what is planned there waits.")
            % {"page": account},
        )
        return redirect("admin:posts_account_change", pk)
