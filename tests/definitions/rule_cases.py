"""For each rule one wrong field in the sound pack, and the whole text that it is told."""

LEADS = "datasets/leads.yaml"
VOLUME = "metrics/volume.yaml"
SHELF = "dashboards/shelf.yaml"
ROLES = "roles.yaml"
TIEOUTS = "tieouts/all.yaml"

# rule, file, text that is replaced (empty: the file is new), text that replaces it, expected
CASES = [
    (
        "entity_columns",
        "datasets/programs.yaml",
        "label: name",
        "label: nam",
        'acme/datasets/programs.yaml:2:57  dataset "programs" › entities.program.label\n  unknown column "nam"\n'
        '  did you mean "name"?  [PACK-E011]',
    ),
    (
        "one_primary_entity",
        LEADS,
        "program: {type: foreign",
        "visit: {type: primary, column: lead_id}\n  program: {type: foreign",
        'acme/datasets/leads.yaml:4:3  dataset "leads" › entities.visit\n  "lead" is the primary entity already\n'
        "  a row is about one thing; make the others foreign  [PACK-E025]",
    ),
    (
        "entities_have_one_home",
        LEADS,
        "  program: {type: foreign, column: program_id}",
        "  program: {type: foreign, column: program_id}\n  campaign: {type: foreign, column: source}",
        'acme/datasets/leads.yaml:5:3  dataset "leads" › entities.campaign\n'
        '  no dataset has "campaign" as its primary entity\n  allowed: lead, program  [PACK-E022]',
    ),
    (
        "entities_have_one_home",
        "datasets/schools.yaml",
        "",
        "dataset: schools\nentities: {program: {type: primary, column: id}}\ncolumns: {id: {type: string}}\n",
        'acme/datasets/schools.yaml:2:12  dataset "schools" › entities.program\n'
        '  entity "program" is primary in dataset "programs" already\n'
        "  see acme/datasets/programs.yaml:1:1; make one foreign  [PACK-E023]",
    ),
    (
        "joins_do_not_multiply_rows",
        LEADS,
        "time: created_at",
        "key: [lead_id, created_at]\ntime: created_at",
        'acme/datasets/leads.yaml:5:1  dataset "leads" › key\n'
        "  the key is lead_id, created_at, but the primary entity is lead_id\n"
        '  leave key out, or make "lead" foreign: a join would multiply rows  [PACK-E024]',
    ),
    (
        "one_primary_entity",
        "datasets/spend.yaml",
        "",
        "dataset: spend\nentities: {program: {type: foreign, column: id}}\ncolumns: {id: {type: string}}\n",
        'acme/datasets/spend.yaml:1:1  dataset "spend"\n'
        "  the dataset has no key, so no row can be merged or corrected\n"
        "  declare a primary entity or list the columns of a row's key under key; "
        "or say append_only: true  [PACK-E025]",
    ),
    (
        "entities_have_one_home",
        LEADS,
        "  program: {type: foreign, column: program_id}",
        "  program: {type: foreign, column: program_id}\n  ad: {type: foreign, column: source, standalone: true}",
        None,
    ),
    (
        "dataset_columns",
        LEADS,
        "time: created_at",
        "sort: [lead_id, crated_at]\ntime: created_at",
        'acme/datasets/leads.yaml:5:17  dataset "leads" › sort[1]\n  unknown column "crated_at"\n'
        '  did you mean "created_at"?  [PACK-E011]',
    ),
    (
        "time_columns",
        LEADS,
        "time: created_at",
        "time: source",
        'acme/datasets/leads.yaml:5:1  dataset "leads" › time\n  column "source" is a string\n'
        "  the time column is a date or a timestamp  [PACK-E019]",
    ),
    (
        "time_columns",
        "datasets/programs.yaml",
        "columns:",
        "partition: month\ncolumns:",
        'acme/datasets/programs.yaml:3:1  dataset "programs" › partition\n'
        "  partition by month needs a time column\n"
        "  name it under time, or leave partition out  [PACK-E026]",
    ),
    (
        "currencies",
        "datasets/programs.yaml",
        "name: {type: string}",
        "name: {type: string, currency: dollars}",
        'acme/datasets/programs.yaml:5:24  dataset "programs" › columns.name.currency\n'
        '  "dollars" is neither a currency nor a column\n'
        "  an ISO 4217 code such as USD, or a column; allowed: level, name, program_id  [PACK-E041]",
    ),
    (
        "check_columns",
        LEADS,
        "columns:",
        "checks: [{no_duplicate: {columns: [email, progam_id], within: 30 days, time: created_at}}]\ncolumns:",
        'acme/datasets/leads.yaml:6:43  dataset "leads" › checks[0].no_duplicate.columns[1]\n'
        '  unknown column "progam_id"\n  did you mean "program_id"?  [PACK-E011]',
    ),
    (
        "check_types",
        LEADS,
        "columns:",
        "checks: [{not_negative: [amount, source]}]\ncolumns:",
        'acme/datasets/leads.yaml:6:34  dataset "leads" › checks[0].not_negative[1]\n  column "source" is a string\n'
        "  this check is for columns of type integer, number, decimal  [PACK-E019]",
    ),
    (
        "check_entities",
        LEADS,
        "columns:",
        "checks: [{references: progrm}]\ncolumns:",
        'acme/datasets/leads.yaml:6:11  dataset "leads" › checks[0].references\n'
        '  "progrm" is not a foreign entity of this dataset\n  did you mean "program"?  [PACK-E014]',
    ),
    (
        "check_expressions",
        LEADS,
        "columns:",
        'checks: [{condition: "amont >= 0"}]\ncolumns:',
        'acme/datasets/leads.yaml:6:11  dataset "leads" › checks[0].condition\n'
        '  unknown column "amont" in "amont >= 0"\n  did you mean "amount"?  [PACK-E011]',
    ),
    (
        "metric_references",
        VOLUME,
        "numerator: spend",
        "numerator: spnd",
        'acme/metrics/volume.yaml:6:5  metric "cpl" › numerator\n  unknown metric "spnd"\n'
        '  did you mean "spend"? (acme/metrics/volume.yaml:3)  [PACK-E012]',
    ),
    (
        "metric_references",
        "metrics/cost.yaml",
        "",
        'metrics:\n  roi: {type: derived, expression: "(spend - lost) / spend", description: x}\n',
        'acme/metrics/cost.yaml:2:24  metric "roi" › expression\n  unknown metric "lost"\n'
        "  allowed: cpl, inquiries, roi, spend  [PACK-E012]",
    ),
    (
        "metric_datasets",
        VOLUME,
        "inquiries: {type: simple, dataset: leads",
        "inquiries: {type: simple, dataset: leds",
        'acme/metrics/volume.yaml:2:29  metric "inquiries" › dataset\n  unknown dataset "leds"\n'
        '  did you mean "leads"? (acme/datasets/leads.yaml:1)  [PACK-E010]',
    ),
    (
        "metric_entities",
        "metrics/won.yaml",
        "",
        "metrics:\n  won:\n    type: conversion\n    description: x\n    entity: deal\n"
        "    base: {dataset: leads}\n    conversion: {dataset: leads, where: amount > 0}\n",
        'acme/metrics/won.yaml:6:12  metric "won" › base.dataset\n  dataset "leads" has no entity "deal"\n'
        "  allowed: lead, program  [PACK-E014]\n"
        'acme/metrics/won.yaml:7:18  metric "won" › conversion.dataset\n  dataset "leads" has no entity "deal"\n'
        "  allowed: lead, program  [PACK-E014]",
    ),
    (
        "reference_types",
        "metrics/cost.yaml",
        "",
        "metrics:\n  cpl_so_far: {type: cumulative, metric: cpl, to_date: month, description: x}\n",
        'acme/metrics/cost.yaml:2:34  metric "cpl_so_far" › metric\n  "cpl" is of type ratio\n'
        "  a cumulative metric is built on a simple one  [PACK-E017]",
    ),
    (
        "cycles",
        "metrics/cost.yaml",
        "",
        "metrics:\n  a: {type: ratio, numerator: b, denominator: inquiries, hidden: true}\n"
        '  b: {type: derived, expression: "c + d", hidden: true}\n'
        "  c: {type: ratio, numerator: a, denominator: inquiries, hidden: true}\n"
        '  d: {type: derived, expression: "b * 2", hidden: true}\n',
        'acme/metrics/cost.yaml:2:20  metric "a" › numerator\n  defined by itself: a → b → c → a\n'
        "  break the circle at one of them  [PACK-E016]\n"
        'acme/metrics/cost.yaml:3:22  metric "b" › expression\n  defined by itself: b → d → b\n'
        "  break the circle at one of them  [PACK-E016]",
    ),
    (
        "aggregation_arguments",
        VOLUME,
        "agg: sum, column: amount",
        "agg: sum",
        'acme/metrics/volume.yaml:3:41  metric "spend" › agg\n  sum needs a column\n'
        "  name it under column  [PACK-E018]",
    ),
    (
        "aggregation_arguments",
        VOLUME,
        "agg: sum, column: amount",
        "agg: percentile, column: amount",
        'acme/metrics/volume.yaml:3:41  metric "spend" › agg\n  percentile needs to know which\n'
        "  a share between 0 and 1, for example percentile: 0.9  [PACK-E018]",
    ),
    (
        "aggregation_columns",
        VOLUME,
        "column: amount",
        "column: source",
        'acme/metrics/volume.yaml:3:51  metric "spend" › column\n  column "source" is a string\n'
        "  sum is for columns of type integer, number, decimal  [PACK-E019]",
    ),
    (
        "times_of_metrics",
        VOLUME,
        "agg: count,",
        "agg: count, time: created,",
        'acme/metrics/volume.yaml:2:57  metric "inquiries" › time\n  unknown column "created" in dataset "leads"\n'
        '  did you mean "created_at"?  [PACK-E011]',
    ),
    (
        "times_of_metrics",
        "metrics/live.yaml",
        "",
        "metrics:\n  live: {type: semi_additive, dataset: programs, agg: count, description: x}\n",
        'acme/metrics/live.yaml:2:3  metric "live"\n  dataset "programs" has no time column\n'
        "  name a column under time, here or in the dataset  [PACK-E026]",
    ),
    (
        "metric_expressions",
        VOLUME,
        "agg: count,",
        'agg: count, where: "sorce = 1",',
        'acme/metrics/volume.yaml:2:57  metric "inquiries" › where\n'
        '  "sorce" is not a column of leads in "sorce = 1"\n  did you mean "source"?  [PACK-E013]',
    ),
    (
        "metric_expressions",
        VOLUME,
        "agg: count,",
        'agg: count, where: "source in $user.sources",',
        'acme/metrics/volume.yaml:2:57  metric "inquiries" › where\n  $user stands in "source in $user.sources"\n'
        "  a number must be the same for everyone who may see the rows; use it in roles  [PACK-E020]",
    ),
    (
        "panel_expressions",
        SHELF,
        "tile: inquiries,",
        "tile: inquiries, where: \"email = 'x'\",",
        'acme/dashboards/shelf.yaml:5:23  dashboard "shelf" › panels[0].where\n'
        '  "email" is not a dimension of leads in "email = \'x\'"\n'
        "  allowed: lead, level, program, source  [PACK-E013]",
    ),
    (
        "role_expressions",
        ROLES,
        "program in $user.program",
        "level in $user.level",
        None,
    ),
    (
        "role_expressions",
        ROLES,
        '"*": program in $user.program',
        "leads: scool in $user.school",
        'acme/roles.yaml:3:41  role "partner" › rows.leads\n'
        '  "scool" is not a column of leads in "scool in $user.school"\n'
        "  allowed: amount, created_at, email, lead, lead_id, level, program, program_id, source  [PACK-E013]",
    ),
    (
        "tieout_expressions",
        TIEOUTS,
        "",
        'tieouts:\n  cost: {left: "cpl * inquiris", right: spend}\n',
        'acme/tieouts/all.yaml:2:10  tieout "cost" › left\n  unknown metric "inquiris" in "cpl * inquiris"\n'
        '  did you mean "inquiries"? (acme/metrics/volume.yaml:2)  [PACK-E012]',
    ),
    (
        "dashboard_names",
        SHELF,
        "drill: shelf",
        "drill: program",
        'acme/dashboards/shelf.yaml:5:23  dashboard "shelf" › panels[0].drill\n  unknown dashboard "program"\n'
        "  allowed: shelf  [PACK-E015]",
    ),
    (
        "dashboard_names",
        SHELF,
        "[level, source]",
        "[levl, {dimension: sorce}]",
        'acme/dashboards/shelf.yaml:3:13  dashboard "shelf" › variables[0]\n  no dataset has a dimension "levl"\n'
        '  did you mean "level"?  [PACK-E013]\n'
        'acme/dashboards/shelf.yaml:3:20  dashboard "shelf" › variables[1].dimension\n'
        '  no dataset has a dimension "sorce"\n  did you mean "source"?  [PACK-E013]',
    ),
    (
        "dashboard_names",
        SHELF,
        "title: Program shelf",
        "title: x\nentity: progrm",
        'acme/dashboards/shelf.yaml:3:1  dashboard "shelf" › entity\n'
        '  no dataset has "progrm" as its primary entity\n  did you mean "program"?  [PACK-E014]',
    ),
    (
        "distribution",
        SHELF,
        "dashboard: shelf\n",
        "dashboard: shelf\ndistribution: [parter]\n",
        'acme/dashboards/shelf.yaml:2:16  dashboard "shelf" › distribution[0]\n  unknown role "parter"\n'
        '  did you mean "partner"? (acme/roles.yaml:3)  [PACK-E048]',
    ),
    (
        "pack_files",
        "pack.yaml",
        "home: shelf",
        "home: shlf\nsample: sample.py",
        'acme/pack.yaml:2:1  pack "acme" › home\n  unknown dashboard "shlf"\n'
        '  did you mean "shelf"? (acme/dashboards/shelf.yaml:1)  [PACK-E015]\n'
        'acme/pack.yaml:3:1  pack "acme" › sample\n  there is no file "sample.py" in the pack\n'
        "  allowed: pack.yaml, roles.yaml  [PACK-E042]",
    ),
    (
        "panel_metrics",
        SHELF,
        "tile: inquiries",
        "tile: inquires",
        'acme/dashboards/shelf.yaml:5:6  dashboard "shelf" › panels[0].tile\n  unknown metric "inquires"\n'
        '  did you mean "inquiries"? (acme/metrics/volume.yaml:2)  [PACK-E012]',
    ),
    (
        "panel_dimensions",
        SHELF,
        "by: program",
        "by: progam",
        'acme/dashboards/shelf.yaml:6:50  dashboard "shelf" › panels[1].by\n'
        '  "progam" is not a dimension of leads, which metric "inquiries" reads\n'
        '  did you mean "program"?  [PACK-E013]',
    ),
    (
        "panel_shapes",
        SHELF,
        "tile: inquiries, drill: shelf",
        "chart: funnel",
        'acme/dashboards/shelf.yaml:5:5  dashboard "shelf" › panels[0]\n'
        "  a funnel chart draws either a metric or stages\n"
        "  metric: a funnel (cohort view), or stages: simple metrics (period view)  [PACK-E038]",
    ),
    (
        "panel_shapes",
        SHELF,
        "tile: inquiries, drill: shelf",
        "table: programs, metrics: [spend], by: source",
        'acme/dashboards/shelf.yaml:6:6  dashboard "shelf" › panels[1].table\n  table "programs" is there already\n'
        "  a table's name is its address: make it unique in the dashboard  [PACK-E039]",
    ),
    (
        "panel_sorting",
        SHELF,
        "sort: -cpl",
        "sort: -cpa",
        'acme/dashboards/shelf.yaml:6:63  dashboard "shelf" › panels[1].sort\n'
        '  "cpa" is not a column of this table\n  did you mean "cpl"?  [PACK-E040]',
    ),
    (
        "role_datasets",
        ROLES,
        '"*": program in $user.program',
        "leds: all",
        'acme/roles.yaml:3:41  role "partner" › rows.leds\n  unknown dataset "leds"\n'
        '  did you mean "leads"? (acme/datasets/leads.yaml:1)  [PACK-E010]',
    ),
    (
        "role_masks",
        ROLES,
        "email: hide",
        "leads.emial: hide",
        'acme/roles.yaml:3:81  role "partner" › masks.leads.emial\n  unknown column "leads.emial"\n'
        '  did you mean "leads.email"?  [PACK-E036]',
    ),
    (
        "role_masks",
        ROLES,
        "email: hide",
        "leads.source: show",
        'acme/roles.yaml:3:81  role "partner" › masks.leads.source\n'
        '  "leads.source" is not declared as personal data\n'
        "  declare pii on the column, so that the mask holds for it  [PACK-W052]",
    ),
    (
        "role_sees_something",
        ROLES,
        ', rows: {"*": program in $user.program}',
        "",
        'acme/roles.yaml:3:3  role "partner"\n  the role may look but no row is visible to it\n'
        '  nothing is visible without a rule: rows: {"*": all}, or one rule per dataset  [PACK-W051]',
    ),
    (
        "bands",
        VOLUME,
        "description: Money per lead.",
        "description: x\n    bands: {good: about 80}",
        'acme/metrics/volume.yaml:9:13  metric "cpl" › bands.good\n  "about 80" is not a band\n'
        "  allowed: a comparison such as `>= 0.15`, `< 120`, `>= 15 %`, or a span such as `3..5` "
        "(both ends included)  [PACK-E031]",
    ),
    (
        "segments",
        VOLUME,
        "description: Money per lead.",
        'description: x\n    bands: {segments: [{segment: {chanel: web}, good: "< 80"}]}',
        'acme/metrics/volume.yaml:9:35  metric "cpl" › bands.segments[0].segment.chanel\n'
        '  "chanel" is not a dimension of leads\n  allowed: lead, level, program, source  [PACK-E013]',
    ),
    (
        "zones",
        LEADS,
        "time: created_at",
        "zone: Europe/Berln\ntime: created_at",
        'acme/datasets/leads.yaml:5:1  dataset "leads" › zone\n  unknown time zone "Europe/Berln"\n'
        '  did you mean "Europe/Berlin"?  [PACK-E034]',
    ),
    (
        "contradictions",
        LEADS,
        "time: created_at",
        "freshness: {warn: 50h, error: 1d}\ntime: created_at",
        'acme/datasets/leads.yaml:5:13  dataset "leads" › freshness.warn\n  warn (50h) is longer than error (1d)\n'
        "  data is late before it is stale  [PACK-E033]",
    ),
    (
        "tieout_shapes",
        TIEOUTS,
        "",
        "tieouts:\n  sum: {parts: inquiries, by: [sorce]}\n  none: {left: spend}\n",
        'acme/tieouts/all.yaml:2:32  tieout "sum" › by[0]\n  "sorce" is not a dimension of leads\n'
        '  did you mean "source"?  [PACK-E013]\n'
        'acme/tieouts/all.yaml:3:3  tieout "none"\n  the tie-out compares nothing\n'
        "  parts: a metric with by: its groups, or left: and right: two expressions  [PACK-E037]",
    ),
    (
        "reserved_names",
        VOLUME,
        "inquiries: {",
        "source: {type: simple, dataset: leads, agg: count, hidden: true}\n  inquiries: {",
        'acme/metrics/volume.yaml:2:3  metric "source"\n  "source" is a dimension of dataset "leads" too\n'
        "  a question must tell them apart: rename one of them  [PACK-E043]",
    ),
    (
        "descriptions",
        VOLUME,
        ", description: Leads.",
        "",
        'acme/metrics/volume.yaml:2:3  metric "inquiries"\n  people see this metric, but it has no description\n'
        "  say in one sentence what is counted, or set hidden: true for a building block  [PACK-W050]",
    ),
    (
        "expression_types",
        ROLES,
        "program in $user.program",
        "program = 5",
        'acme/roles.yaml:3:41  role "partner" › rows.*\n  "5" in "program = 5" is a number, but text belongs there\n'
        "  compare text with text, numbers with numbers and dates as '2025-01-31'  [PACK-E044]",
    ),
    (
        "one_currency",
        VOLUME,
        "column: amount,",
        "column: amount, unit: eur,",
        'acme/metrics/volume.yaml:3:67  metric "spend" › unit\n  the amounts are in USD, the unit is EUR\n'
        "  convert one of them first, where the exchange rate of its day is known  [PACK-E045]",
    ),
    (
        "maturation",
        VOLUME,
        "type: ratio",
        "type: ratio\n    maturation: 30 days",
        'acme/metrics/volume.yaml:6:5  metric "cpl" › maturation\n  a metric of type ratio has no cohort that matures\n'
        "  set it on the conversion, funnel or interval it is made of  [PACK-E046]",
    ),
    (
        "exports",
        VOLUME,
        "agg: count, description: Leads.",
        "agg: count, export: 'leads{colour}', description: Leads.",
        'acme/metrics/volume.yaml:2:57  metric "inquiries" › export\n  "colour" is not a dimension of leads\n'
        "  a label is a dimension of all that the metric counts  [PACK-E013]",
    ),
    (
        "exports",
        VOLUME,
        "agg: count, description: Leads.",
        "agg: count, export: spend, description: Leads.",
        'acme/metrics/volume.yaml:3:3  metric "spend"\n  "sightline_spend" is exported by metric "inquiries" already\n'
        "  give one of them another name under export  [PACK-E043]",
    ),
    (
        "aggregation_arguments",
        VOLUME,
        "agg: sum, column: amount",
        "agg: age, expression: amount * 2",
        'acme/metrics/volume.yaml:3:51  metric "spend" › expression\n  age takes no expression\n'
        "  name a date or a timestamp under column  [PACK-E018]",
    ),
    (
        "aggregation_columns",
        VOLUME,
        "agg: sum, column: amount",
        "agg: age, column: amount",
        'acme/metrics/volume.yaml:3:51  metric "spend" › column\n  column "amount" is a decimal\n'
        "  age is for a date or a timestamp  [PACK-E019]",
    ),
    (
        "completeness",
        VOLUME,
        "description: Money per lead.",
        "description: x\n    completeness: {floor: 3, by: colour}",
        'acme/metrics/volume.yaml:9:30  metric "cpl" › completeness.by\n  "colour" is not a dimension of leads\n'
        "  name what every dataset of the metric reaches  [PACK-E013]",
    ),
    (
        "completeness",
        VOLUME,
        "description: Money per lead.",
        "description: x\n    completeness: {floor: 3, period: lately}",
        'acme/metrics/volume.yaml:9:30  metric "cpl" › completeness.period\n  "lately" is not a period\n'
        "  today, yesterday, last_N_days|weeks|months|quarters|years, this_week|month|quarter|year, "
        "last_week|month|quarter|year, month_to_date, quarter_to_date, year_to_date, all_time, "
        "or 2025-01-01..2025-02-01 (end excluded)  [PACK-E030]",
    ),
]
