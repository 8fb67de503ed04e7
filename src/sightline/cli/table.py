"""Every command of `sightline`: its module and what it does in one line. Adding a command adds a line here."""

from __future__ import annotations

from dataclasses import dataclass

from sightline.registry import Registry


@dataclass(frozen=True)
class Entry:
    """A command. Its module has `register(app)`; with `django`, Django is set up before the module is imported.

    `home` is the folder that is used when none is named.
    """

    module: str
    summary: str
    django: bool = True
    is_hidden: bool = False
    home: str = "sightline-home"


COMMANDS: Registry[Entry] = Registry(
    "command",
    {
        "demo": Entry(
            "demo",
            "Try Sightline: a home with sample data and eight people, served.",
            django=False,
            home="sightline-demo",
        ),
        "init": Entry("init", "Make a home folder and a workspace.", django=False),
        "serve": Entry("serve", "Run the web server and the worker.", django=False),
        "check": Entry("check", "Report every problem in the definitions.", django=False),
        "import": Entry("import_", "Load a file into a dataset."),
        "source": Entry("source", "Connect, check, list and remove sources."),
        "sync": Entry("sync", "Read a source now."),
        "data-events": Entry("data_events", "List what people should know of data that came in."),
        "backup": Entry("backup", "Write a workspace into one file."),
        "restore": Entry("restore", "Bring a workspace back from a backup."),
        "query": Entry("query", "Answer a question."),
        "forecast": Entry("forecast", "Forecast a metric, with intervals."),
        "export": Entry("export", "Write definitions for Prometheus, Grafana or Apache Ossie.", django=False),
        "guide": Entry("guide", "Write guides to metrics and roles from the definitions.", django=False),
        "user": Entry("user", "Add, list and remove people; set passwords."),
        "token": Entry("token", "Make, list and end API tokens."),
        "doctor": Entry("doctor", "Check that this installation is sound."),
        "schema": Entry("schema", "Write the JSON Schemas of the definitions.", django=False),
        "bench": Entry("bench", "Measure this machine.", django=False),
        "upgrade": Entry("upgrade", "Bring database and static files up to date (serve does it by itself)."),
        "worker": Entry("worker", "Run the worker alone (serve runs one).", is_hidden=True),
        "run-duty": Entry("run_duty", "Run one duty of the worker.", is_hidden=True),
        "build-demo": Entry("build_demo", "Fill the demo workspace.", is_hidden=True, home="sightline-demo"),
    },
)
