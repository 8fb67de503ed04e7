"""The definitions of the club: every kind of panel on two dashboards."""

from __future__ import annotations

FILES = {
    "pack.yaml": "pack: club\nlabel: Club\nhome: board\n",
    "datasets/visits.yaml": """
dataset: visits
label: Visits
append_only: true
time: day
entities: {person: {type: foreign, column: person, standalone: true}}
columns: {person: {type: string}, day: {type: date}, channel: {type: string, dimension: true}}
""",
    "datasets/fees.yaml": """
dataset: fees
label: Fees
key: [person, day]
time: day
entities: {person: {type: foreign, column: person, standalone: true}}
columns:
  person: {type: string}
  tier: {type: string, dimension: true, values: [basic, pro]}
  day: {type: date}
  amount: {type: decimal, currency: EUR}
""",
    "datasets/answers.yaml": """
dataset: answers
label: Answers
append_only: true
time: day
columns: {day: {type: date}, mood: {type: string, dimension: true, values: [happy, fine, upset]}}
""",
    "datasets/entries.yaml": """
dataset: entries
label: Entries by hand
key: [kpi, day]
time: day
columns:
  kpi: {type: string, dimension: true}
  day: {type: date}
  value: {type: number}
""",
    "datasets/risks.yaml": """
dataset: risks
label: Risks
entities: {risk: {type: primary, column: risk_id, label: title}}
columns:
  risk_id: {type: string}
  title: {type: string}
  state: {type: string, dimension: true, label: Status}
  impact: {type: string, dimension: true}
  channel: {type: string, dimension: true}
  holder: {type: string, pii: name}
  measure: {type: string}
  due: {type: date}
""",
    "datasets/launches.yaml": """
dataset: launches
label: Launches
key: [day, name]
time: day
annotations: {at: day, text: name}
columns: {day: {type: date}, name: {type: string}, channel: {type: string, dimension: true}}
""",
    "metrics/all.yaml": """
metrics:
  visits: {type: simple, dataset: visits, agg: count, label: Visits, owner: head_of_club, cadence: daily,
    group: Visits, targets: [{value: 900}], description: Visits of the period.}
  visitors: {type: simple, dataset: visits, agg: count_distinct, column: person, label: Visitors, group: Visits,
    owner: head_of_club, description: People who came.}
  per_person: {type: ratio, numerator: visits, denominator: visitors, unit: count, label: Visits per visitor,
    bands: {good: ">= 3", warning: "2..3", critical: "< 2"}, group: Visits, owner: trainer, cadence: weekly,
    description: Visits over visitors.}
  coming_back: {type: retention, entity: person, first: {dataset: visits}, label: Coming back, description: x}
  opening: {type: movement, entity: person, changes: {dataset: fees}, column: amount, kind: opening, unit: eur,
    label: Opening fees, description: x}
  new: {type: movement, entity: person, changes: {dataset: fees}, column: amount, kind: new, unit: eur, label: New,
    description: x}
  expansion: {type: movement, entity: person, changes: {dataset: fees}, column: amount, kind: expansion, unit: eur,
    label: Expansion, description: x}
  contraction: {type: movement, entity: person, changes: {dataset: fees}, column: amount, kind: contraction,
    unit: eur, label: Contraction, description: x}
  churned: {type: movement, entity: person, changes: {dataset: fees}, column: amount, kind: churned, unit: eur,
    label: Churned, description: x}
  closing: {type: movement, entity: person, changes: {dataset: fees}, column: amount, kind: closing, unit: eur,
    label: Closing fees, group: Money, owner: treasurer, targets: [{value: 2500}], cadence: monthly, description: x}
  happy: {type: simple, dataset: answers, agg: count, where: "mood = 'happy'", label: Promoters, description: x}
  fine: {type: simple, dataset: answers, agg: count, where: "mood = 'fine'", label: Passives, description: x}
  upset: {type: simple, dataset: answers, agg: count, where: "mood = 'upset'", label: Detractors, description: x}
  answers: {type: simple, dataset: answers, agg: count, label: Answers, description: x}
  nps: {type: derived, expression: 100 * (happy - upset) / answers, unit: score, n: answers, label: Net promoter score,
    bands: {good: ">= 30", warning: "0..30", critical: "< 0"}, group: Mood, owner: trainer, description: x}
  mood_score: {type: derived, expression: (nps + 100) / 200, unit: percent, label: Mood, description: x}
  health: {type: score, label: Overall health, group: Mood, owner: head_of_club, n: answers,
    bands: {good: ">= 80", warning: "50..80", critical: "< 50"}, description: Health of the club.,
    components: [{metric: mood_score, weight: 60, label: Mood}, {metric: per_person, weight: 40, worst: 1, best: 5}]}
  turnover: {type: simple, dataset: entries, agg: avg, column: value, where: "kpi = 'turnover'", label: Staff turnover,
    unit: percent, direction: down, owner: trainer, cadence: monthly, group: Team, targets: [{value: 0.05}],
    bands: {good: "<= 0.05", warning: "0.05..0.10", critical: "> 0.10"}, description: Entered by hand.}
  training: {type: simple, dataset: entries, agg: avg, column: value, where: "kpi = 'training'", unit: hours,
    label: Training hours, owner: trainer, cadence: quarterly, group: Team, description: Entered by hand.}
""",
    "dashboards/board.yaml": """
dashboard: board
title: Board
description: Every kind of panel.
period: last_90_days
variables: [channel]
panels:
  - {stat: health, span: 5}
  - {gauge: per_person, span: 3}
  - {chart: distribution, score: nps, metrics: [happy, fine, upset], span: 4, title: How members feel}
  - {registry: [visits, visitors, per_person, nps, turnover, training, closing], title: Measures}
  - {chart: waterfall, metrics: [opening, new, expansion, contraction, churned, closing], title: Fees, span: 8}
  - {chart: donut, metric: visits, by: channel, span: 4, limit: 2}
  - {chart: cohort, metric: coming_back, period: last_12_months, title: Newer cohorts stay, span: 8}
  - text: |
      What this page is for: it shows every kind of panel.

      Nothing here is <b>marked up</b>.
    title: About
    span: 4
  - {chart: state_timeline, metric: per_person, by: channel, grain: month, period: last_12_months,
     title: Visits per visitor by channel}
  - {chart: line, metrics: [visits], grain: week, title: Visits over time, span: 8}
  - {links: [detail, {dashboard: board, label: This page, text: Where you are}], title: More, span: 4}
  - list: risks
    title: Risks
    columns: [title, {column: state, show: status}, {column: impact, show: status}, holder, {column: due, show: due},
      {column: measure, show: metric}]
    sort: due
""",
    "dashboards/detail.yaml": """
dashboard: detail
title: Detail
description: The same in other ways.
panels:
  - {registry: {group: [Team, Visits]}, only: overdue, title: Overdue}
  - {registry: {group: [Team, Visits, Mood]}, only: off_track, owner: trainer, title: Off track}
  - {chart: waterfall, metrics: [opening, new, churned, closing], title: Forgotten}
  - {chart: cohort, metric: coming_back, period: last_12_months, show: count, ages: 3, limit: 4, title: Heads}
  - {chart: distribution, metric: visits, by: channel, title: Ways in}
  - {list: risks, columns: [title], where: "state = 'open'", limit: 1, title: Open}
  - {chart: line, metrics: [visits], grain: month, annotations: [], title: Bare}
  - {chart: state_timeline, metric: turnover, grain: month, period: last_12_months, title: Turnover}
  - {chart: pie, metric: visits, by: channel, limit: 2, title: Ways in as a disc}
  - {chart: histogram, metric: visits, of: person, by: channel, edges: [2, 4], title: How often people come}
  - {chart: histogram, metric: per_person, of: person, title: How often}
""",
    "roles.yaml": """
roles:
  admin: {permissions: ["*"], rows: {"*": all}, masks: {"*": show}}
  no_rows: {permissions: [view, export], rows: {"*": all}, masks: {"*": hide}}
  masked: {permissions: [view, export, see_rows], rows: {"*": all}, masks: {"*": hide}}
  ads: {permissions: [view, export, see_rows], rows: {visits: "channel = 'ads'", launches: "channel = 'ads'",
    risks: "channel = 'ads'"}, masks: {"*": show}}
""",
}
