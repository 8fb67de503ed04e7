"""For each rule about a kind of panel one wrong panel, and the whole text that it is told."""

LEADS = "datasets/leads.yaml"
SHELF = "dashboards/shelf.yaml"
TILE = "{tile: inquiries, drill: shelf}"

# rule, file, text that is replaced, text that replaces it, expected
PANEL_CASES = [
    (
        "panel_retentions",
        SHELF,
        TILE,
        "{chart: cohort, metric: inquiries}",
        'acme/dashboards/shelf.yaml:5:21  dashboard "shelf" › panels[0].metric\n'
        '  "inquiries" is not a retention\n'
        "  name a metric of type retention  [PACK-E017]",
    ),
    (
        "panel_kinds",
        SHELF,
        TILE,
        "{chart: waterfall, metrics: [inquiries, spend, cpl]}",
        'acme/dashboards/shelf.yaml:5:24  dashboard "shelf" › panels[0].metrics\n'
        '  the parts have several units: "inquiries" in count, "spend" in count, "cpl" in percent\n'
        "  use one unit  [PACK-E017]",
    ),
    (
        "panel_kinds",
        SHELF,
        TILE,
        "{chart: donut, metric: cpl, by: program}",
        'acme/dashboards/shelf.yaml:5:20  dashboard "shelf" › panels[0].metric\n'
        '  the members of "cpl" do not add up to a whole\n'
        "  name a sum or a count; draw others with chart: bar  [PACK-E017]",
    ),
    (
        "panel_kinds",
        SHELF,
        TILE,
        "{chart: histogram, metric: inquiries, of: program}",
        'acme/dashboards/shelf.yaml:5:24  dashboard "shelf" › panels[0].metric\n'
        '  "inquiries" has no bands, so there are no ranges to count in\n'
        "  give the panel edges: [20, 40, 60, 80]  [PACK-E017]",
    ),
    (
        "panel_kinds",
        SHELF,
        TILE,
        "{chart: histogram, metric: inquiries, of: program, edges: [5, 5]}",
        'acme/dashboards/shelf.yaml:5:56  dashboard "shelf" › panels[0].edges\n'
        "  the edges do not rise\n"
        "  each edge is above the one before: [20, 40, 60, 80]  [PACK-E038]",
    ),
    (
        "panel_kinds",
        SHELF,
        TILE,
        "{chart: distribution, metric: inquiries}",
        'acme/dashboards/shelf.yaml:5:5  dashboard "shelf" › panels[0]\n'
        "  the bar has no parts, or has them twice\n"
        "  metrics: two to five parts, or metric: and by: together  [PACK-E038]",
    ),
    (
        "panel_kinds",
        SHELF,
        TILE,
        "{chart: distribution, metric: cpl, by: source}",
        'acme/dashboards/shelf.yaml:5:27  dashboard "shelf" › panels[0].metric\n'
        '  the members of "cpl" do not add up to a whole\n'
        "  name a sum or a count; draw others with chart: bar  [PACK-E017]",
    ),
    (
        "panel_kinds",
        SHELF,
        TILE,
        "{gauge: inquiries}",
        'acme/dashboards/shelf.yaml:5:6  dashboard "shelf" › panels[0].gauge\n'
        '  "inquiries" has neither bands nor a target, so it has no status to show\n'
        "  give the metric bands, or draw it as a tile or a line  [PACK-E017]",
    ),
    (
        "panel_kinds",
        SHELF,
        TILE,
        "{chart: state_timeline, metric: inquiries}",
        'acme/dashboards/shelf.yaml:5:29  dashboard "shelf" › panels[0].metric\n'
        '  "inquiries" has neither bands nor a target, so it has no status to show\n'
        "  give the metric bands, or draw it as a tile or a line  [PACK-E017]",
    ),
    (
        "panel_kinds",
        SHELF,
        TILE,
        "{registry: {group: Volume}}",
        'acme/dashboards/shelf.yaml:5:17  dashboard "shelf" › panels[0].registry.group\n'
        '  no metric has the group "Volume"\n'
        "  there are none yet  [PACK-E012]",
    ),
    (
        "panel_metrics",
        SHELF,
        TILE,
        "{registry: [inquires]}",
        'acme/dashboards/shelf.yaml:5:17  dashboard "shelf" › panels[0].registry[0]\n'
        '  unknown metric "inquires"\n'
        '  did you mean "inquiries"? (acme/metrics/volume.yaml:2)  [PACK-E012]',
    ),
    (
        "panel_metrics",
        SHELF,
        TILE,
        "{stat: inquires}",
        'acme/dashboards/shelf.yaml:5:6  dashboard "shelf" › panels[0].stat\n'
        '  unknown metric "inquires"\n'
        '  did you mean "inquiries"? (acme/metrics/volume.yaml:2)  [PACK-E012]',
    ),
    (
        "panel_kinds",
        SHELF,
        TILE,
        '{list: leads, columns: [source], effect: {metric: "x_{sorce}", started: created_at, done: source}}',
        'acme/dashboards/shelf.yaml:5:47  dashboard "shelf" › panels[0].effect.metric\n'
        '  unknown column "sorce" in dataset "leads"\n'
        '  did you mean "source"?  [PACK-E011]\n'
        'acme/dashboards/shelf.yaml:5:89  dashboard "shelf" › panels[0].effect.done\n'
        '  column "source" is a string\n'
        "  an effect is told from a date or a timestamp  [PACK-E019]",
    ),
    (
        "panel_kinds",
        SHELF,
        TILE,
        "{list: lead, columns: [source]}",
        'acme/dashboards/shelf.yaml:5:6  dashboard "shelf" › panels[0].list\n'
        '  unknown dataset "lead"\n'
        '  did you mean "leads"? (acme/datasets/leads.yaml:1)  [PACK-E010]',
    ),
    (
        "panel_kinds",
        SHELF,
        TILE,
        "{list: leads, columns: [sourc, {column: source, show: due}], sort: -creatd_at}",
        'acme/dashboards/shelf.yaml:5:29  dashboard "shelf" › panels[0].columns[0]\n'
        '  unknown column "sourc" in dataset "leads"\n'
        '  did you mean "source"?  [PACK-E011]\n'
        'acme/dashboards/shelf.yaml:5:37  dashboard "shelf" › panels[0].columns[1].column\n'
        '  column "source" is a string\n'
        "  what is due is a date or a timestamp  [PACK-E019]\n"
        'acme/dashboards/shelf.yaml:5:66  dashboard "shelf" › panels[0].sort\n'
        '  "creatd_at" is not a column of this list\n'
        '  did you mean "created_at"?  [PACK-E040]',
    ),
    (
        "panel_expressions",
        SHELF,
        TILE,
        "{list: leads, columns: [source], where: sourc = 'web'}",
        'acme/dashboards/shelf.yaml:5:38  dashboard "shelf" › panels[0].where\n'
        '  "sourc" is not a dimension of leads in "sourc = \'web\'"\n'
        '  did you mean "source"?  [PACK-E013]',
    ),
    (
        "panel_kinds",
        SHELF,
        TILE,
        "{chart: line, metrics: [inquiries], annotations: [leads]}",
        'acme/dashboards/shelf.yaml:5:55  dashboard "shelf" › panels[0].annotations[0]\n'
        '  dataset "leads" does not say which of its columns are annotations\n'
        "  give it annotations: {at: …, text: …}  [PACK-E038]",
    ),
    (
        "panel_kinds",
        SHELF,
        TILE,
        "{chart: line, metrics: [inquiries, spend], forecast: 6}",
        'acme/dashboards/shelf.yaml:5:48  dashboard "shelf" › panels[0].forecast\n'
        "  a chart of 2 metrics cannot be forecast: its fans would hide one another\n"
        "  name one metric and leave out by, or make a panel for each  [PACK-E049]",
    ),
    (
        "panel_kinds",
        SHELF,
        TILE,
        "{chart: line, metrics: [inquiries], by: program, grain: hour, forecast: {periods: 6}}",
        'acme/dashboards/shelf.yaml:5:67  dashboard "shelf" › panels[0].forecast\n'
        "  a chart by program cannot be forecast: its fans would hide one another\n"
        "  name one metric and leave out by, or make a panel for each  [PACK-E049]\n"
        'acme/dashboards/shelf.yaml:5:67  dashboard "shelf" › panels[0].forecast\n'
        "  hours cannot be forecast\n"
        "  choose day, week, month, quarter or year  [PACK-E049]",
    ),
    (
        "dashboard_names",
        SHELF,
        TILE,
        "{links: [shelf, {dashboard: shelve}]}",
        'acme/dashboards/shelf.yaml:5:22  dashboard "shelf" › panels[0].links[1].dashboard\n'
        '  unknown dashboard "shelve"\n'
        '  did you mean "shelf"? (acme/dashboards/shelf.yaml:1)  [PACK-E015]',
    ),
    (
        "annotations",
        LEADS,
        "time: created_at",
        "time: created_at\nannotations: {at: source, text: emai}",
        'acme/datasets/leads.yaml:6:15  dataset "leads" › annotations.at\n'
        '  column "source" is a string\n'
        "  events have a date or a timestamp  [PACK-E019]\n"
        'acme/datasets/leads.yaml:6:27  dataset "leads" › annotations.text\n'
        '  unknown column "emai"\n'
        '  did you mean "email"?  [PACK-E011]',
    ),
]
