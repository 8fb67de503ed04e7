"""What one writes about a Salesforce organisation."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints, model_validator

from sightline.sources.base import ConnectorConfig

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=80)]
"""The API name of an object or field."""


class SalesforceConfig(ConnectorConfig):
    """A Salesforce organisation at its own address (`https://<name>.my.salesforce.com`).

    Ways in: `access_token` (a session that nobody renews); `client_id` and `client_secret` (client credentials); the
    same with `refresh_token`. `fields`: object → wanted fields; all when an object is not named. `history`: objects
    whose records are only added. `bulk_from`: a first load or backfill of more records goes through the Bulk API.
    `share_of_limit`: the part of the organisation's daily requests that may be used up before we stop.
    """

    instance_url: str = Field(pattern=r"^https?://[^\s@/?#]+/?$")
    access_token: SecretStr | None = None
    client_id: str = ""
    client_secret: SecretStr | None = None
    refresh_token: SecretStr | None = None
    login_url: str = Field(default="", pattern=r"^(https?://[^\s@/?#]+/?)?$")
    api_version: str = Field(default="62.0", pattern=r"^\d{2}\.0$")
    objects: tuple[Name, ...] = ("Lead", "Contact", "Account", "Opportunity", "Campaign")
    history: tuple[Name, ...] = ("LeadHistory", "OpportunityFieldHistory", "OpportunityHistory")
    fields: dict[Name, tuple[Name, ...]] = {}
    bulk_from: int = Field(default=20_000, ge=0)
    share_of_limit: float = Field(default=0.9, gt=0, le=1)

    @model_validator(mode="after")
    def _one_way_in(self) -> SalesforceConfig:
        client = bool(self.client_id and self.client_secret)
        if bool(self.access_token) == client:
            raise ValueError("give either access_token, or client_id and client_secret (with refresh_token or without)")
        if self.access_token and (self.client_id or self.client_secret or self.refresh_token):
            raise ValueError("access_token is a way in of its own: leave out the client and the refresh_token")
        if not self.objects and not self.history:
            raise ValueError("name at least one object")
        return self
