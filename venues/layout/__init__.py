"""A seating plan as plain data: what editors and files send, what is wrong with it, and what could be better."""

from venues.layout.plain import Faulty, Layout, Problem, RowLayout, SeatLayout, SectionLayout, Spot
from venues.layout.reading import document, parse
from venues.layout.soundness import CLOSEST, COMPANIONS_REACH, advice, contradictions, problems

__all__ = [
    "CLOSEST",
    "COMPANIONS_REACH",
    "Faulty",
    "Layout",
    "Problem",
    "RowLayout",
    "SeatLayout",
    "SectionLayout",
    "Spot",
    "advice",
    "contradictions",
    "document",
    "parse",
    "problems",
]
