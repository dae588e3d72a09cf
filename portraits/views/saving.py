"""What a page of *Mon portrait* and its script are answered when something was saved, or could not be.

The script (static/js/sending.js) asks with `X-Requested-With: autosave` and gets no page: 204 saved, 401 the session is another
person's, 409 changed on another device, 410 no longer asked, 422 not acceptable as it is, 423 the pen is no longer theirs; the last
three in one sentence for people.
"""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect

PLAIN = "text/plain; charset=utf-8"


def is_script(request):
    return request.headers.get("X-Requested-With") == "autosave"


def saved(request, *, read, after):
    """`read` names what is saved now, `after` is the page that follows."""
    if is_script(request):
        return HttpResponse(status=204, headers={"X-Read": read, "X-After": after})
    return redirect(after)


def changed_elsewhere(changed, *, read, **now):
    return JsonResponse({"sentence": changed.for_people, "read": read, **now}, status=409)


def refused_in_words(form, status):
    sentences = [sentence for errors in form.errors.values() for sentence in errors]
    return HttpResponse(" ".join(sentences), status=status, content_type=PLAIN)
