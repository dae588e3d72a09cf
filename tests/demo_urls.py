"""The addresses of demo mode, which is off when the tests load the usual ones."""

from django.urls import include, path

from inet_comms.urls import urlpatterns as usual

urlpatterns = [*usual, path("demo/", include("inet_comms.demo.urls"))]
