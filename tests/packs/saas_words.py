"""The definitions of the saas pack in SQL and plain words, for the oracle: written from the spec, not from the YAML."""

# ruff: noqa: S608 - SQL is the point here, and every name in it is written in this file
from __future__ import annotations

from typing import Final

ZONE: Final = "America/New_York"
ALL_TIME: Final = 0
"""The length of a window that begins with the first row."""


def _day(column: str) -> str:
    return f"CAST(timezone('{ZONE}', {column}) AS DATE)"


_CUSTOMER = "c.tier, c.channel, c.account_manager, c.cohort, c.subscription"
_OF = "LEFT JOIN raw_customers c USING (organization_id)"
_OF_USER = "LEFT JOIN raw_users u USING (user_id) LEFT JOIN raw_customers c USING (organization_id)"
VIEWS = f"""
CREATE OR REPLACE TABLE mrr_x AS
  SELECT m.organization_id AS organization, m.at AS day, m.amount, m.tier, c.channel, c.account_manager, c.cohort
  FROM raw_mrr_changes m {_OF};
CREATE OR REPLACE TABLE invoice_x AS
  SELECT organization_id AS organization, invoiced_on AS day, amount, {_CUSTOMER} FROM raw_invoices i {_OF};
CREATE OR REPLACE TABLE signup_x AS SELECT *, {_day("signed_up_at")} AS day FROM raw_signups;
CREATE OR REPLACE TABLE stage_x AS
  SELECT t.*, s.channel, s.country, {_day("t.reached_at")} AS day
  FROM raw_signup_stages t LEFT JOIN raw_signups s USING (signup_id);
CREATE OR REPLACE TABLE user_x AS
  SELECT r.*, r.organization_id AS organization, {_CUSTOMER}, {_day("r.created_at")} AS day FROM raw_users r {_OF};
CREATE OR REPLACE TABLE event_x AS
  SELECT e.*, u.organization_id AS organization, {_CUSTOMER}, f.is_key, e.feature_id AS feature, {_day('e."at"')} AS day
  FROM raw_user_events e {_OF_USER} LEFT JOIN raw_features f USING (feature_id);
CREATE OR REPLACE TABLE ticket_x AS
  SELECT t.*, t.organization_id AS organization, {_CUSTOMER}, {_day("t.opened_at")} AS day,
         {_day("t.resolved_at")} AS resolved_day FROM raw_support_tickets t {_OF};
CREATE OR REPLACE TABLE nps_x AS
  SELECT n.*, n.organization_id AS organization, {_CUSTOMER}, {_day("n.responded_at")} AS day
  FROM raw_nps_responses n {_OF};
CREATE OR REPLACE TABLE csat_x AS
  SELECT n.*, n.organization_id AS organization, {_CUSTOMER}, {_day("n.responded_at")} AS day
  FROM raw_csat_responses n {_OF};
CREATE OR REPLACE TABLE spend_x AS SELECT *, spent_on AS day FROM raw_marketing_spend;
CREATE OR REPLACE TABLE mail_x AS SELECT *, sent_on AS day FROM raw_email_campaigns;
CREATE OR REPLACE TABLE page_x AS SELECT * FROM raw_landing_pages;
CREATE OR REPLACE TABLE referral_x AS
  SELECT r.*, u.organization_id AS organization, {_CUSTOMER}, {_day("r.sent_at")} AS day,
         {_day("r.completed_at")} AS completed_day FROM raw_referrals r {_OF_USER};
CREATE OR REPLACE TABLE note_x AS SELECT *, happened_on AS day FROM raw_annotations;
CREATE OR REPLACE TABLE sample_x AS
  SELECT *, feature_id AS feature, organization_id AS organization, "at" AS moment, {_day('"at"')} AS day
  FROM raw_prometheus_samples;
"""

FEATURES = (
    "dashboards",
    "reports",
    "alerts",
    "imports",
    "api",
    "sharing",
    "comments",
    "exports",
    "forecasts",
    "automations",
)
# metric → (view, aggregate, condition, day)
FACTS: dict[str, tuple[str, str, str, str]] = {
    "mrr_changes_total": ("mrr_x", "sum(amount)", "true", "day"),
    "invoiced_revenue": ("invoice_x", "sum(amount)", "true", "day"),
    "signups": ("signup_x", "count(*)", "true", "day"),
    "signups_activated": ("stage_x", "count(*)", "stage = 'activated'", "day"),
    "trials_started": ("stage_x", "count(*)", "stage = 'trial'", "day"),
    "signups_paid": ("stage_x", "count(*)", "stage = 'paid'", "day"),
    "signup_stage_rows": ("stage_x", "count(*)", "stage = 'signup'", "day"),
    "users_new": ("user_x", "count(*)", "true", "day"),
    "users_of_customers": ("user_x", "count(*)", "subscription = 'active'", "day"),
    "users_active": ("event_x", "count(DISTINCT user_id)", "kind = 'session'", "day"),
    "user_days": ("event_x", "count(DISTINCT user_day)", "kind = 'session'", "day"),
    "sessions": ("event_x", "count(*)", "kind = 'session'", "day"),
    "logins": ("event_x", "count(*)", "kind = 'session' AND signed_in", "day"),
    "actions": ("event_x", "sum(actions)", "kind = 'session'", "day"),
    "session_minutes": ("event_x", "avg(minutes)", "kind = 'session'", "day"),
    "feature_users": ("event_x", "count(DISTINCT user_id)", "kind = 'feature'", "day"),
    "feature_usage": ("event_x", "count(*)", "kind = 'feature'", "day"),
    "key_feature_users": ("event_x", "count(DISTINCT user_id)", "kind = 'feature' AND is_key", "day"),
    "nps_responses": ("nps_x", "count(*)", "true", "day"),
    "nps_promoters": ("nps_x", "count(*)", "score >= 9", "day"),
    "nps_passives": ("nps_x", "count(*)", "score IN (7, 8)", "day"),
    "nps_detractors": ("nps_x", "count(*)", "score <= 6", "day"),
    "csat_responses": ("csat_x", "count(*)", "true", "day"),
    "csat_satisfied": ("csat_x", "count(*)", "rating IN (4, 5)", "day"),
    "csat_mean": ("csat_x", "avg(rating)", "true", "day"),
    "tickets_opened": ("ticket_x", "count(*)", "true", "day"),
    "tickets_resolved": ("ticket_x", "count(*)", "resolved_at IS NOT NULL", "resolved_day"),
    "tickets_unresolved_opened": ("ticket_x", "count(*)", "resolved_at IS NULL", "day"),
    "resolution_hours_mean": ("ticket_x", "avg(resolution_hours)", "true", "resolved_day"),
    "resolution_hours_median": ("ticket_x", "quantile_cont(resolution_hours, 0.5)", "true", "resolved_day"),
    "marketing_spend": ("spend_x", "sum(amount)", "kind = 'marketing'", "day"),
    "sales_cost": ("spend_x", "sum(amount)", "kind = 'sales'", "day"),
    "growth_cost": ("spend_x", "sum(amount)", "true", "day"),
    "email_sent": ("mail_x", "sum(sent)", "true", "day"),
    "email_opened": ("mail_x", "sum(opened)", "true", "day"),
    "email_clicked": ("mail_x", "sum(clicked)", "true", "day"),
    "email_converted": ("mail_x", "sum(converted)", "true", "day"),
    "landing_page_visits": ("page_x", "sum(visits)", "true", "day"),
    "landing_page_conversions": ("page_x", "sum(conversions)", "true", "day"),
    "referrals_sent": ("referral_x", "count(*)", "true", "day"),
    "referrals_completed": ("referral_x", "count(*)", "true", "completed_day"),
    "events_noted": ("note_x", "count(*)", "true", "day"),
}
FACTS |= {
    f"users_of_{each}": ("event_x", "count(DISTINCT user_id)", f"feature_id = '{each}'", "day") for each in FEATURES
}
# metric → (kind of movement, amount or entities)
MOVEMENTS: dict[str, tuple[str, str]] = {
    "mrr": ("closing", "amount"),
    "mrr_opening": ("opening", "amount"),
    "mrr_new": ("new", "amount"),
    "mrr_expansion": ("expansion", "amount"),
    "mrr_contraction": ("contraction", "amount"),
    "mrr_churned": ("churned", "amount"),
    "mrr_reactivated": ("reactivated", "amount"),
    "customers_total": ("closing", "entities"),
    "customers_opening": ("opening", "entities"),
    "customers_new": ("new", "entities"),
    "customers_churned": ("churned", "entities"),
    "customers_reactivated": ("reactivated", "entities"),
    "customers_expanded": ("expansion", "entities"),
    "customers_contracted": ("contraction", "entities"),
    "customers_lost_in_month": ("churned", "entities"),
    "customers_month_before": ("opening", "entities"),
}
OF_A_MONTH = ("customers_lost_in_month", "customers_month_before")
"""Movements of the month that ends with the period, or the bucket."""
# metric → (metric accumulated, trailing days)
CUMULATIVE: dict[str, tuple[str, int]] = {
    "users_total": ("users_of_customers", ALL_TIME),
    "users_active_daily": ("users_active", 1),
    "users_active_weekly": ("users_active", 7),
    "users_active_monthly": ("users_active", 30),
    "user_days_30": ("user_days", 30),
    "key_feature_users_30": ("key_feature_users", 30),
    "tickets_90": ("tickets_opened", 90),
    "tickets_waiting": ("tickets_unresolved_opened", ALL_TIME),
    "nps_responses_90": ("nps_responses", 90),
    "nps_promoters_90": ("nps_promoters", 90),
    "nps_detractors_90": ("nps_detractors", 90),
    "csat_responses_90": ("csat_responses", 90),
    "csat_satisfied_90": ("csat_satisfied", 90),
}
_REACHED = "EXISTS (SELECT 1 FROM raw_signup_stages t WHERE t.signup_id = b.signup_id AND t.stage = '{}')"
_STAGE = "(SELECT * FROM stage_x WHERE stage = '{}')"
_PAID = _REACHED.format("paid")
_SOON = "first_value_at IS NOT NULL AND epoch(first_value_at) - epoch(created_at) < 7 * 86400"
# metric → (base, entity, whether a row of the base has converted, rate or count)
CONVERSIONS: dict[str, tuple[str, str, str, str]] = {
    "activation_rate": ("signup_x", "signup_id", _REACHED.format("activated"), "rate"),
    "trial_start_rate": (_STAGE.format("activated"), "signup_id", _REACHED.format("trial"), "rate"),
    "trial_conversion": (_STAGE.format("trial"), "signup_id", _PAID, "rate"),
    "signup_to_paid": ("signup_x", "signup_id", _PAID, "rate"),
    "cohort_paid": ("signup_x", "signup_id", _PAID, "count"),
    "referral_conversion": ("referral_x", "referral_id", "completed_at IS NOT NULL", "rate"),
    "first_value_in_7_days": ("user_x", "user_id", _SOON, "rate"),
}
INTERVALS = {"time_to_first_value": 0.5, "time_to_first_value_p90": 0.9}
# metric → (SQL over its operands, operands)
FORMULAS: dict[str, tuple[str, tuple[str, ...]]] = {
    "mrr_net_new": ("mrr - mrr_opening", ("mrr", "mrr_opening")),
    "mrr_growth": ("(mrr - mrr_opening) / nullif(mrr_opening, 0)", ("mrr", "mrr_opening")),
    "arr": ("12 * mrr", ("mrr",)),
    "nrr": (
        "(mrr_opening + mrr_expansion + mrr_contraction + mrr_churned) / nullif(mrr_opening, 0)",
        ("mrr_opening", "mrr_expansion", "mrr_contraction", "mrr_churned"),
    ),
    "grr": (
        "(mrr_opening + mrr_contraction + mrr_churned) / nullif(mrr_opening, 0)",
        ("mrr_opening", "mrr_contraction", "mrr_churned"),
    ),
    "revenue_churn_rate": (
        "-(mrr_contraction + mrr_churned) / nullif(mrr_opening, 0)",
        ("mrr_opening", "mrr_contraction", "mrr_churned"),
    ),
    "quick_ratio": (
        "(mrr_new + mrr_expansion + mrr_reactivated) / nullif(-mrr_contraction - mrr_churned, 0)",
        ("mrr_new", "mrr_expansion", "mrr_reactivated", "mrr_contraction", "mrr_churned"),
    ),
    "arpc": ("mrr / nullif(customers_total, 0)", ("mrr", "customers_total")),
    "customer_growth": (
        "(customers_total - customers_opening) / nullif(customers_opening, 0)",
        ("customers_total", "customers_opening"),
    ),
    "churn_rate": (
        "customers_lost_in_month / nullif(customers_month_before, 0)",
        ("customers_lost_in_month", "customers_month_before"),
    ),
    "retention_rate": (
        "1 - customers_lost_in_month / nullif(customers_month_before, 0)",
        ("customers_lost_in_month", "customers_month_before"),
    ),
    "ltv": ("arpc / nullif(churn_rate, 0)", ("arpc", "churn_rate")),
    "cac": ("growth_cost / nullif(customers_new, 0)", ("growth_cost", "customers_new")),
    "ltv_to_cac": ("ltv / nullif(cac, 0)", ("ltv", "cac")),
    "cac_payback": ("cac / nullif(arpc, 0)", ("cac", "arpc")),
    "dau_mau": ("user_days_30 / 30 / nullif(users_active_monthly, 0)", ("user_days_30", "users_active_monthly")),
    "active_user_share": ("users_active_monthly / nullif(users_total, 0)", ("users_active_monthly", "users_total")),
    "actions_per_session": ("actions / nullif(sessions, 0)", ("actions", "sessions")),
    "sessions_per_user": ("sessions / nullif(users_active, 0)", ("sessions", "users_active")),
    "key_feature_adoption": ("key_feature_users / nullif(users_active, 0)", ("key_feature_users", "users_active")),
    "key_feature_adoption_30": (
        "key_feature_users_30 / nullif(users_active_monthly, 0)",
        ("key_feature_users_30", "users_active_monthly"),
    ),
    "tickets_per_user_90": ("tickets_90 / nullif(users_total, 0)", ("tickets_90", "users_total")),
    "nps_90": (
        "100 * (nps_promoters_90 - nps_detractors_90) / nullif(nps_responses_90, 0)",
        ("nps_promoters_90", "nps_detractors_90", "nps_responses_90"),
    ),
    "nps_score": (
        "100 * nps_promoters / nullif(nps_responses, 0) - 100 * nps_detractors / nullif(nps_responses, 0)",
        ("nps_promoters", "nps_detractors", "nps_responses"),
    ),
    "nps_promoter_share": ("nps_promoters / nullif(nps_responses, 0)", ("nps_promoters", "nps_responses")),
    "nps_detractor_share": ("nps_detractors / nullif(nps_responses, 0)", ("nps_detractors", "nps_responses")),
    "csat_score": ("csat_satisfied / nullif(csat_responses, 0)", ("csat_satisfied", "csat_responses")),
    "csat_90": ("csat_satisfied_90 / nullif(csat_responses_90, 0)", ("csat_satisfied_90", "csat_responses_90")),
    "tickets_per_customer": ("tickets_opened / nullif(customers_total, 0)", ("tickets_opened", "customers_total")),
    "activation_in_period": ("signups_activated / nullif(signups, 0)", ("signups_activated", "signups")),
    "trial_conversion_in_period": ("signups_paid / nullif(trials_started, 0)", ("signups_paid", "trials_started")),
    "cost_per_acquisition": ("marketing_spend / nullif(signups, 0)", ("marketing_spend", "signups")),
    "channel_roi": (
        "(invoiced_revenue - growth_cost) / nullif(growth_cost, 0)",
        ("invoiced_revenue", "growth_cost"),
    ),
    "spend_efficiency": ("mrr_new / nullif(growth_cost, 0)", ("mrr_new", "growth_cost")),
    "email_open_rate": ("email_opened / nullif(email_sent, 0)", ("email_opened", "email_sent")),
    "email_click_rate": ("email_clicked / nullif(email_opened, 0)", ("email_clicked", "email_opened")),
    "email_conversion_rate": ("email_converted / nullif(email_sent, 0)", ("email_converted", "email_sent")),
    "landing_page_rate": (
        "landing_page_conversions / nullif(landing_page_visits, 0)",
        ("landing_page_conversions", "landing_page_visits"),
    ),
    "referrals_per_user": ("referrals_sent / nullif(users_active, 0)", ("referrals_sent", "users_active")),
    "k_factor": (
        "referrals_sent / nullif(users_active, 0) * referral_conversion",
        ("referrals_sent", "users_active", "referral_conversion"),
    ),
}
FORMULAS |= {
    f"adoption_of_{each}": (f"users_of_{each} / nullif(users_active, 0)", (f"users_of_{each}", "users_active"))
    for each in FEATURES
}
# metric → (component, weight, worst, best)
SCORES: dict[str, tuple[tuple[str, float, float, float], ...]] = {
    "engagement_score": (
        ("dau_mau", 40, 0, 0.30),
        ("actions_per_session", 25, 2, 15),
        ("session_minutes", 20, 3, 25),
        ("key_feature_adoption", 15, 0.1, 0.9),
    ),
    "health_score": (
        ("active_user_share", 35, 0.05, 0.60),
        ("key_feature_adoption_30", 20, 0.10, 0.90),
        ("tickets_per_user_90", 20, 0.40, 0),
        ("nps_90", 15, -50, 80),
        ("csat_90", 10, 0.4, 1.0),
    ),
}
_GAUGES = {
    "sum": "revenue_mrr customers_total users_active_daily users_active_weekly users_active_monthly feature_users",
    "avg": "churn_rate_monthly session_duration_minutes actions_per_session customer_health_score nps_score csat_score "
    "customer_engagement_score time_to_first_value_days support_resolution_time_hours cohort_retention",
    "counter": "customers_new_total customers_churned_total marketing_spend_total user_logins_total "
    "funnel_signups_total funnel_activated_total funnel_trial_started_total funnel_paid_total nps_responses "
    "feature_usage_total support_tickets_total users_signups_total users_activated_total revenue_by_channel "
    "referrals_sent_total referrals_completed_total email_campaign_sent email_campaign_opened email_campaign_clicked "
    "email_campaign_converted landing_page_visits landing_page_conversions",
}
# metric → how its samples become a figure
REPORTED = {f"{name}_reported": how for how, names in _GAUGES.items() for name in names.split()}
"""All names of SAA-4, as an application reports them."""
METRICS = (*FACTS, *MOVEMENTS, *CUMULATIVE, *CONVERSIONS, *INTERVALS, *FORMULAS, *SCORES, *REPORTED)
