"""A small Salesforce: describe, SOQL as far as we write it, pages, bulk jobs, tokens and error codes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from fake_server import Answer, Asked

SESSION, CLIENT_SECRET, REFRESH_TOKEN = "00D!sess10n", "cl1ent-secret", "5Aep-refresh"
ROOT = "/services/data/v62.0"
STANDARD = {"Id": "id", "IsDeleted": "boolean", "CreatedDate": "datetime", "SystemModstamp": "datetime"}
SELECT = re.compile(
    r"SELECT (?P<fields>.+?) FROM (?P<object>\w+)(?: WHERE (?P<where>.+?))?(?: GROUP BY (?P<group>.+?))?"
    r"(?: ORDER BY (?P<order>.+?))?(?: LIMIT (?P<limit>\d+))?"
)
TERM = re.compile(r"(\w+) (>=|<=|=|<|>) ('(?:[^'\\]|\\.)*'|[\dTZ:-]+)")


def text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


@dataclass
class Org:
    """An organisation with records of one object. `per_answer`: records in one answer before `nextRecordsUrl`."""

    clock: Callable[[], datetime]
    name: str
    types: dict[str, str] = field(default_factory=lambda: dict(STANDARD))
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    accepted: str = SESSION
    refreshing: list[str] = field(default_factory=lambda: [REFRESH_TOKEN])
    per_answer: int = 2000
    per_result: int = 50_000
    polls: int = 1
    usage: str = "18/5000"
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    queries: list[str] = field(default_factory=list)
    locators: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def put(self, identity: str, moment: datetime, **values: Any) -> None:
        old = self.rows.get(identity, {"Id": identity, "IsDeleted": False, "CreatedDate": text(moment)})
        stamp = {"SystemModstamp": text(moment)} if "SystemModstamp" in self.types else {}
        self.rows[identity] = {**old, **values, **stamp}

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/services/oauth2/token":
            return self._token(asked.form())
        if asked.headers.get("Authorization") != f"Bearer {self.accepted}":
            return _error(401, "INVALID_SESSION_ID", f"Session expired: {asked.headers.get('Authorization')}")
        path = asked.path.removeprefix(ROOT)
        found = self._jobs(asked, path) if path.startswith("/jobs/query") else self._rest(asked, path)
        return Answer(found.body, found.status, {"Sforce-Limit-Info": f"api-usage={self.usage}", **found.headers})

    def _rest(self, asked: Asked, path: str) -> Answer:
        if path == "/sobjects":
            return Answer({"sobjects": [{"name": self.name}]})
        if path == f"/sobjects/{self.name}/describe":
            fields = [{"name": name, "type": kind} for name, kind in {**self.types, "Place": "address"}.items()]
            return Answer({"name": self.name, "label": f"{self.name}s", "fields": fields})
        if path in ("/query", "/queryAll"):
            return self._query(asked.query["q"], deleted=path == "/queryAll")
        if path.startswith("/query/") and path.removeprefix("/query/") in self.locators:
            return self._paged(self.locators[path.removeprefix("/query/")])
        return _error(404, "NOT_FOUND", "The requested resource does not exist")

    def _token(self, form: Mapping[str, str]) -> Answer:
        refreshes = form["grant_type"] == "refresh_token"
        if form["client_secret"] != CLIENT_SECRET or (refreshes and form["refresh_token"] not in self.refreshing[-3:]):
            return Answer({"error": "invalid_grant", "error_description": f"no: {form}"}, 400)
        self.accepted = f"access-{len(self.refreshing)}"
        if refreshes:
            self.refreshing.append(f"{REFRESH_TOKEN}-{len(self.refreshing)}")
            return Answer({"access_token": self.accepted, "refresh_token": self.refreshing[-1]})
        return Answer({"access_token": self.accepted, "instance_url": "https://elsewhere.example"})

    def _query(self, soql: str, *, deleted: bool) -> Answer:
        self.queries.append(soql)
        parsed = SELECT.fullmatch(soql)
        if not parsed or parsed["object"] != self.name:
            return _error(400, "MALFORMED_QUERY", "unexpected token")
        chosen = [row for row in self._ordered() if _holds(parsed["where"], row) and (deleted or not row["IsDeleted"])]
        if parsed["fields"] == "COUNT()":
            return Answer({"totalSize": len(chosen), "done": True, "records": []})
        if parsed["group"]:
            days = [row["CreatedDate"][:10] for row in chosen]
            return self._paged([{"attributes": {}, "d": day, "n": days.count(day)} for day in sorted(set(days))])
        fields = parsed["fields"].split(", ")
        if unknown := [name for name in fields if name not in self.types]:
            return _error(400, "INVALID_FIELD", f"No such column '{unknown[0]}' on entity '{self.name}'")
        assert (parsed["order"] is None) == (parsed["limit"] is None)
        url = f"{ROOT}/sobjects/{self.name}/"
        rows = [
            {"attributes": {"type": self.name, "url": url + row["Id"]}, **{name: row.get(name) for name in fields}}
            for row in chosen
        ]
        return self._paged(rows[: int(parsed["limit"] or len(rows))])

    def _paged(self, rows: list[dict[str, Any]]) -> Answer:
        body: dict[str, Any] = {"totalSize": len(rows), "done": True, "records": rows[: self.per_answer]}
        if len(rows) > self.per_answer:
            locator = f"01g{len(self.locators):012}-{self.per_answer}"
            self.locators[locator] = rows[self.per_answer :]
            body |= {"done": False, "nextRecordsUrl": f"{ROOT}/query/{locator}"}
        return Answer(body)

    def _jobs(self, asked: Asked, path: str) -> Answer:
        if asked.method == "POST":
            soql, job = asked.json()["query"], f"750{len(self.jobs):015}"
            assert "ORDER BY" not in soql, "ordering is slow in bulk queries"
            before, self.per_answer = self.per_answer, 10**9
            found = self._query(soql, deleted=asked.json()["operation"] == "queryAll")
            self.per_answer = before
            self.jobs[job] = {
                "rows": found.body["records"],
                "fields": soql[7:].split(" FROM ")[0].split(", "),
                "polls": 0,
            }
            return Answer({"id": job, "state": "UploadComplete"})
        job, _, results = path.removeprefix("/jobs/query/").partition("/")
        if job not in self.jobs:
            return _error(404, "NOT_FOUND", "The requested resource does not exist")
        if results:
            return self._csv(self.jobs[job], int(asked.query.get("locator", 0)))
        self.jobs[job]["polls"] += 1
        return Answer({"id": job, "state": "JobComplete" if self.jobs[job]["polls"] > self.polls else "InProgress"})

    def _csv(self, job: Mapping[str, Any], at: int) -> Answer:
        rows = job["rows"][at : at + self.per_result]
        out = io.StringIO()
        writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(job["fields"])
        writer.writerows([self._as_csv(name, row[name]) for name in job["fields"]] for row in rows)
        further = at + self.per_result < len(job["rows"])
        headers = {
            "Content-Type": "text/csv",
            "Sforce-Locator": str(at + self.per_result) if further else "null",
            "Sforce-NumberOfRecords": str(len(rows)),
        }
        return Answer(out.getvalue().encode(), headers=headers)

    def _as_csv(self, name: str, value: Any) -> str:
        if value is None:
            return ""
        if self.types[name] == "datetime":
            return str(value).replace("+0000", "Z")
        return str(value).lower() if isinstance(value, bool) else str(value)

    def _ordered(self) -> list[dict[str, Any]]:
        by = "SystemModstamp" if "SystemModstamp" in self.types else "CreatedDate"
        return sorted(self.rows.values(), key=lambda row: (row[by], row["Id"]))


def _holds(where: str | None, row: Mapping[str, Any]) -> bool:
    def judged(term: re.Match[str]) -> str:
        have, bound = row[term[1]], term[3].strip("'")
        if term[1] != "Id":
            have, bound = have[:19], bound[:19]
        return str({">=": have >= bound, "<": have < bound, ">": have > bound, "=": have == bound}[term[2]])

    logic = TERM.sub(judged, where or "True").replace(" AND ", " and ").replace(" OR ", " or ")
    assert re.fullmatch(r"(?:True|False|and|or|[() ])+", logic), logic
    return bool(eval(logic))  # noqa: S307 - True, False, and, or, brackets


def _error(status: int, code: str, message: str) -> Answer:
    return Answer([{"message": message, "errorCode": code}], status)
