"""What a wrong file or a wrong field is told: where, what, did you mean, code."""

import pytest

from sightline.definitions.documents import parse_document

pytestmark = pytest.mark.req("PLT-3")

ONE_METRIC = "metrics:\n  inquiries: {type: simple, dataset: leads, agg: count, description: x}\n"


def said(loaded):
    return [str(issue) for issue in loaded.issues]


def test_a_sound_pack_has_no_issues(load_pack):
    loaded = load_pack({})
    assert said(loaded) == []
    assert sorted(loaded.catalog.metrics) == ["cpl", "inquiries", "spend"]
    assert str(loaded.catalog.locations["metric", "cpl"]) == "acme/metrics/volume.yaml:4:3"
    assert loaded.catalog.pack_of["metric", "cpl"] == "acme"


def test_an_unknown_key_suggests_the_nearest_key_of_the_schema(load_pack):
    assert said(load_pack({"metrics/cost.yaml": "metrics:\n  roi:\n    type: ratio\n    numertor: spend\n"})) == [
        'acme/metrics/cost.yaml:2:3  metric "roi"\n  the key "denominator" is missing  [PACK-E004]',
        'acme/metrics/cost.yaml:2:3  metric "roi"\n  the key "numerator" is missing  [PACK-E004]',
        'acme/metrics/cost.yaml:4:5  metric "roi" › numertor\n'
        '  unknown key "numertor"\n  did you mean "numerator"?  [PACK-E003]',
    ]


@pytest.mark.parametrize(
    ("file", "text", "expected"),
    [
        (
            "metrics/cost.yaml",
            "metrics:\n  roi: {type: rtio}\n",
            'acme/metrics/cost.yaml:2:9  metric "roi" › type\n  "rtio" is not one of the allowed values\n'
            '  did you mean "ratio"? allowed: simple, ratio, derived, score, cumulative, semi_additive, conversion, '
            "funnel, interval, movement, retention  [PACK-E005]",
        ),
        (
            "metrics/cost.yaml",
            "metrics:\n  roi: {label: Return}\n",
            'acme/metrics/cost.yaml:2:3  metric "roi"\n  the key "type" is missing\n'
            "  allowed: simple, ratio, derived, score, cumulative, semi_additive, conversion, funnel, interval, "
            "movement, retention  [PACK-E004]",
        ),
        (
            "metrics/cost.yaml",
            "metrics:\n  ROI: {type: ratio, numerator: spend, denominator: spend}\n",
            'acme/metrics/cost.yaml:2:3  metric "ROI"\n  "ROI" is not a name\n'
            '  lower-case letters, digits and underscores, a letter first: "roi"  [PACK-E005]',
        ),
        (
            "metrics/cost.yaml",
            "metric: {}\n",
            'acme/metrics/cost.yaml:1:1  metric file › metric\n  unknown key "metric"\n'
            '  did you mean "metrics"?  [PACK-E003]\n'
            'acme/metrics/cost.yaml:1:1  metric file\n  the key "metrics" is missing\n'
            "  it holds the objects by name  [PACK-E004]",
        ),
        (
            "dashboards/shelf.yaml",
            "dashboard: shelf\ntitle: 3\npanels: [{tile: cpl}]\n",
            'acme/dashboards/shelf.yaml:2:1  dashboard "shelf" › title\n  must be text, not 3\n'
            '  put it in quotes: "3"  [PACK-E005]',
        ),
        (
            "dashboards/shelf.yaml",
            "dashboard: shelf\ntitle: x\nvariables: [4]\npanels: [{tile: cpl}]\n",
            'acme/dashboards/shelf.yaml:3:13  dashboard "shelf" › variables[0]\n'
            "  must be text or keys and values, not 4  [PACK-E005]",
        ),
        (
            "dashboards/shelf.yaml",
            "dashboard: shelf\ntitle: x\npanels: [{chart: lin, metrics: [cpl]}]\n",
            'acme/dashboards/shelf.yaml:3:10  dashboard "shelf" › panels[0]\n  unknown panel "lin"\n'
            '  did you mean "line"?  [PACK-E005]',
        ),
        (
            "dashboards/shelf.yaml",
            "dashboard: shelf\ntitle: x\npanels: [{tile: cpl, spn: 3}]\n",
            'acme/dashboards/shelf.yaml:3:22  dashboard "shelf" › panels[0].spn\n  unknown key "spn"\n'
            '  did you mean "span"?  [PACK-E003]',
        ),
        (
            "dashboards/shelf.yaml",
            "dashboard: shelf\ntitle: x\npanels: [{table: t, metrics: [cpl, {metrc: cpl}], by: program}]\n",
            'acme/dashboards/shelf.yaml:3:36  dashboard "shelf" › panels[0].metrics[1]\n'
            '  the key "metric" is missing  [PACK-E004]\n'
            'acme/dashboards/shelf.yaml:3:37  dashboard "shelf" › panels[0].metrics[1].metrc\n'
            '  unknown key "metrc"\n  did you mean "metric"?  [PACK-E003]',
        ),
        (
            "metrics/cost.yaml",
            "metrics:\n\troi: 3\n",
            "acme/metrics/cost.yaml:2:1  file\n  not valid YAML: the line is indented with a tab\n"
            "  indent with spaces  [PACK-E001]",
        ),
        (
            "metrics/cost.yaml",
            ONE_METRIC.replace("inquiries", "leads_in") + "  leads_in: {type: ratio}\n",
            "acme/metrics/cost.yaml:3:3  metrics.leads_in\n"
            '  key "leads_in" is written twice\n  it stands on line 2 already; keep one of them  [PACK-E002]',
        ),
        (
            "metrics/cost.yaml",
            ONE_METRIC,
            'acme/metrics/volume.yaml:2:3  metric "inquiries"\n'
            "  the name is taken by acme/metrics/cost.yaml:2:3\n  rename one of them, or delete it  [PACK-E007]",
        ),
        (
            "metrics/cost.yaml",
            "",
            "acme/metrics/cost.yaml:1:1  file\n  the file is empty\n  delete it, or write a definition  [PACK-E006]",
        ),
        (
            "metrics/cost.yaml",
            "{}\n",
            'acme/metrics/cost.yaml:1:1  metric file\n  the key "metrics" is missing\n'
            "  it holds the objects by name  [PACK-E004]",
        ),
        (
            "metrics/cost.yaml",
            "- 1\n",
            "acme/metrics/cost.yaml:1:1  file\n  the file holds a list\n  it must hold keys and values  [PACK-E006]",
        ),
        (
            "metric/cost.yaml",
            ONE_METRIC,
            'acme/metric:1:1  file\n  nothing here is read\n  did you mean "metrics"?  [PACK-W009]',
        ),
    ],
)
def test_a_wrong_file_is_told_where_and_how(load_pack, file, text, expected):
    assert "\n".join(said(load_pack({file: text}))) == expected


def test_a_check_and_a_duration_are_told_what_is_allowed(load_pack):
    text = (
        "dataset: visits\nentities: {visit: {type: primary, column: id}}\n"
        "columns: {id: {type: strng}}\nchecks: [{uniqe: id}, {unique: id, severty: warn}]\n"
        "freshness: {warn: 26 hrs, error: 50h}\n"
    )
    assert said(load_pack({"datasets/visits.yaml": text})) == [
        'acme/datasets/visits.yaml:3:16  dataset "visits" › columns.id.type\n'
        '  "strng" is not one of the allowed values\n'
        '  did you mean "string"? allowed: string, integer, number, decimal, boolean, date, timestamp  [PACK-E005]',
        'acme/datasets/visits.yaml:4:10  dataset "visits" › checks[0]\n  unknown check "uniqe"\n'
        '  did you mean "unique"?  [PACK-E005]',
        'acme/datasets/visits.yaml:4:36  dataset "visits" › checks[1].severty\n  unknown key "severty"\n'
        '  did you mean "severity"?  [PACK-E003]',
        'acme/datasets/visits.yaml:5:13  dataset "visits" › freshness.warn\n  "26 hrs" is not a length of time\n'
        "  a number and a unit: 26h, 30 days, 24 months  [PACK-E005]",
    ]


def test_all_problems_of_all_files_are_reported_in_one_run_and_in_order(load_pack):
    loaded = load_pack(
        {
            "datasets/bad.yaml": "dataset: bad\ncolums: {}\n",
            "metrics/a.yaml": "metrics: {x: {type: ratio, numerator: spnd, denominator: nothing_like_it}}\n",
            "metrics/b.yaml": "metrics: [\n",
            "roles.yaml": "roles: {admin: {permissions: [vew], rows: {'*': all}}}\n",
        }
    )
    assert [(issue.location.file, issue.code) for issue in loaded.issues] == [
        ("acme/datasets/bad.yaml", "PACK-E004"),
        ("acme/datasets/bad.yaml", "PACK-E003"),
        ("acme/metrics/a.yaml", "PACK-W050"),
        ("acme/metrics/a.yaml", "PACK-E012"),
        ("acme/metrics/a.yaml", "PACK-E012"),
        ("acme/metrics/b.yaml", "PACK-E001"),
        ("acme/roles.yaml", "PACK-E005"),
    ]


def test_one_bad_object_hides_no_other_and_causes_no_second_complaint(load_pack):
    """`cpl` names `spend`, which is broken: that is one problem, not two."""
    broken = (
        "metrics:\n"
        "  inquiries: {type: simple, dataset: leads, agg: count, description: Leads.}\n"
        "  spend: {type: simple, dataset: leads, agg: summ, column: amount, description: Money.}\n"
        "  cpl: {type: ratio, numerator: spend, denominator: inquiries, description: x}\n"
    )
    loaded = load_pack({"metrics/volume.yaml": broken})
    assert sorted(loaded.catalog.metrics) == ["cpl", "inquiries"]
    assert [issue.subject for issue in loaded.issues] == ['metric "spend" › agg']


def test_a_broken_dataset_does_not_make_its_dimensions_unknown(load_pack):
    loaded = load_pack({"datasets/programs.yaml": "dataset: programs\ncolumns: 3\n"})
    assert [issue.subject for issue in loaded.issues] == ['dataset "programs" › columns']


def test_a_file_that_cannot_be_read_does_not_make_its_names_unknown(load_pack, sound_pack):
    """The tile of `inquiries` still finds its metric; the misspelt one is still reported."""
    broken = sound_pack["metrics/volume.yaml"] + "  oops: [\n"
    shelf = sound_pack["dashboards/shelf.yaml"].replace("-cpl}", "-cpl, badges: cpa}")
    loaded = load_pack({"metrics/volume.yaml": broken, "dashboards/shelf.yaml": shelf})
    assert [(issue.location.file, issue.code) for issue in loaded.issues] == [
        ("acme/dashboards/shelf.yaml", "PACK-E012"),
        ("acme/metrics/volume.yaml", "PACK-E001"),
    ]
    assert loaded.issues[0].hint == "there are none yet"


def test_yaml_words_mean_what_they_look_like():
    text = "a: no\nb: 2025-01-01\nc: 12:30\nd: 010\ne: true\nf: 1.5\ng: 1e3\nh: ~\ni:\non: x\n1: y\n"
    document, issues = parse_document(text, shown="x.yaml")
    assert issues == []
    assert document.data == {
        "a": "no",
        "b": "2025-01-01",
        "c": "12:30",
        "d": 10,
        "e": True,
        "f": 1.5,
        "g": 1000.0,
        "h": None,
        "i": None,
        "on": "x",
        "1": "y",
    }


@pytest.mark.parametrize("text", ["a: &x [1]\nb: *x\n", "a: !!python/name:os.system x\n", "a: !secret x\n"])
def test_aliases_and_tags_are_refused(text):
    _, issues = parse_document(text, shown="x.yaml")
    assert [issue.code for issue in issues] == ["PACK-E001"]


def test_a_file_that_is_not_text_is_reported_as_such(pack, load_pack):
    folder = pack({})
    (folder / "metrics" / "bytes.yaml").write_bytes(b"a: \xff\xfe\n")
    assert said(load_pack({})) == [
        "acme/metrics/bytes.yaml:1:1  file\n  byte 3 is not UTF-8 text\n  save the file as UTF-8  [PACK-E006]"
    ]
