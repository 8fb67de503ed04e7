"""The sample company of the executive pack, and the spec's table of its KPIs: current, target, lower is better or not.

The table is written from /spec/executive.md by hand, not read from the pack.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pyarrow as pa
import pytest
from sample_company import END, read_module

from sightline.definitions.loader import shipped_pack
from sightline.definitions.policy import Viewer, policy_of
from sightline.metrics.warehouse import Warehouse

PACK = "executive"
Tables = dict[str, pa.Table]


class Kpi(NamedTuple):
    current: float
    target: float
    is_better_lower: bool = False


SPEC: dict[str, dict[str, Kpi]] = {
    "EXE-2.1": {
        "arr": Kpi(1_200_000, 2_500_000),
        "mrr": Kpi(100_000, 150_000),
        "average_deal": Kpi(28_000, 35_000),
        "pipeline": Kpi(3_800_000, 5_000_000),
        "revenue_per_employee": Kpi(120_000, 150_000),
    },
    "EXE-2.2": {
        "gross_margin": Kpi(0.78, 0.80),
        "ebitda_margin": Kpi(0.15, 0.20),
        "operating_margin": Kpi(0.12, 0.18),
        "cash_flow": Kpi(180_000, 250_000),
        "burn": Kpi(45_000, 40_000, True),
    },
    "EXE-2.3": {
        "new_customers": Kpi(45, 60),
        "cac": Kpi(2_400, 1_800, True),
        "cac_payback": Kpi(8, 6, True),
        "lead_conversion": Kpi(0.12, 0.15),
        "sales_cycle": Kpi(45, 35, True),
    },
    "EXE-2.4": {
        "churn": Kpi(0.032, 0.025, True),
        "ltv": Kpi(18_500, 25_000),
        "ltv_to_cac": Kpi(7.7, 10),
        "nps": Kpi(67, 75),
        "csat": Kpi(4.7, 4.8),
    },
    "EXE-2.5": {
        "uptime": Kpi(0.997, 0.999),
        "api_response": Kpi(180, 200, True),
        "feature_adoption": Kpi(0.65, 0.75),
        "bug_resolution": Kpi(24, 12, True),
        "security_incidents": Kpi(0, 0, True),
    },
    "EXE-2.6": {
        "employee_satisfaction": Kpi(4.2, 4.5),
        "employee_retention": Kpi(0.92, 0.95),
        "productivity_index": Kpi(85, 90),
        "training_completion": Kpi(0.78, 0.85),
        "innovation_index": Kpi(7.2, 8.0),
    },
    "EXE-2.7": {
        "course_enrollments": Kpi(150, 200),
        "course_completion": Kpi(0.78, 0.85),
        "course_nps": Kpi(72, 80),
        "revenue_per_student": Kpi(3_200, 3_500),
        "certification": Kpi(0.65, 0.75),
    },
    "EXE-2.8": {
        "executive_enrollments": Kpi(25, 40),
        "c_level_share": Kpi(0.60, 0.70),
        "roi_achievement": Kpi(2.80, 3.00),
        "referral_rate": Kpi(0.35, 0.45),
        "alumni": Kpi(150, 250),
    },
    "EXE-2.9": {
        "market_share": Kpi(0.023, 0.05),
        "brand_awareness": Kpi(0.15, 0.25),
        "win_rate": Kpi(0.35, 0.45),
        "thought_leadership": Kpi(7.5, 8.5),
        "recognition": Kpi(3, 5),
    },
    "EXE-2.10": {
        "international_revenue": Kpi(0.25, 0.40),
        "new_markets": Kpi(2, 5),
        "partnerships": Kpi(8, 15),
        "cultural_adaptation": Kpi(7.2, 8.5),
    },
}
KPIS = {key: kpi for part in SPEC.values() for key, kpi in part.items()}


def pack_folder() -> Path:
    folder = shipped_pack(PACK)
    assert folder is not None
    return folder


def read_sample() -> ModuleType:
    return read_module(pack_folder() / "sample.py", "executive_sample")


def make_tables(**changes: object) -> Tables:
    made: Tables = read_sample().generate(**{"seed": 7, "end": END, **changes})
    return made


def board_of(
    tmp_path_factory: pytest.TempPathFactory, make_warehouse: Callable[..., Warehouse], tables: Tables
) -> Warehouse:
    return make_warehouse(
        tmp_path_factory.mktemp("executive") / "lake", tables, pack=pack_folder(), zone="Europe/Vienna", currency="EUR"
    )


def viewer(warehouse: Warehouse, role: str, **attributes: list[str]) -> Viewer:
    return Viewer(role, policy_of(warehouse.catalog.roles[role], attributes))
