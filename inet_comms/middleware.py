"""What happens to every request: the chosen language, a way back, and the second factor asked of staff."""

from django.conf import settings
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation


class ChosenLanguage:
    """French, unless the person chose English here. The browser's own preference is not asked: the school speaks French."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class WayBack:
    """An address that takes only forms, opened as a page (after a refused form, say): words and a way on, not a blank page."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code != 405 or request.method != "GET" or response.content:
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response["Allow"]
        return page


class StaffSecondFactor:
    """Staff approve in the school's name: without a passkey or TOTP they get no further than the page that sets one up."""

    OPEN_PATHS = ("/compte/", "/static/", "/livez", "/readyz", "/langue/")

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        user = request.user
        if (
            settings.STAFF_SECOND_FACTOR
            and user.is_authenticated
            and user.is_staff
            and not request.path.startswith(self.OPEN_PATHS)
            and not user.authenticator_set.exclude(type="recovery_codes").exists()
        ):
            return redirect(reverse("mfa_index"))
        return self.get_response(request)
