"""The only reader of numbers: question → plan → rewrites → SQL → answer. Row policy is a rewrite nobody can skip."""

from sightline.metrics.answer import Answer
from sightline.metrics.ask import ask
from sightline.metrics.members import Member, members
from sightline.metrics.question import Filter, Order, Period, Question, QuestionError
from sightline.metrics.rows import RowsPage, RowsRequest, rows_behind
from sightline.metrics.warehouse import Warehouse, warehouse_of

__all__ = [
    "Answer",
    "Filter",
    "Member",
    "Order",
    "Period",
    "Question",
    "QuestionError",
    "RowsPage",
    "RowsRequest",
    "Warehouse",
    "ask",
    "members",
    "rows_behind",
    "warehouse_of",
]
