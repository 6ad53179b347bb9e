"""Addresses of plans."""

from django.urls import path

from venues import views

app_name = "plans"
urlpatterns = [
    path("<int:plan_id>/seats.svg", views.plan_seats, name="seats"),
    path("<int:plan_id>/sections/<int:section_id>.svg", views.section_seats, name="section"),
]
