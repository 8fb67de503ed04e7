"""People and what they may do.

Start at `access.open_workspace`: it turns a person, or an API token, into an `Access` with role, policy and viewer;
pages, API and actions take that. `actions/` has one module per verb (permission, change and audit entry together),
`audit` the tamper-evident log, `lockout` the delays after failures to sign in, `models` the rows. A new verb is a new
module in `actions/`; a new permission is a word in `definitions.schema.roles` and a line in `access.DOES`.
"""
