"""What one writes about a HubSpot account."""

from __future__ import annotations

from pydantic import Field, SecretStr, model_validator

from sightline.sources.base import ConnectorConfig

OAUTH = ("client_id", "client_secret", "refresh_token")


class HubSpotConfig(ConnectorConfig):
    """A HubSpot account, reached with a private app's `token` or with OAuth (`client_id`, `client_secret`,
    `refresh_token`).

    `objects`: what to read, such as contacts or a custom object's name. `properties`: object → wanted properties; all
    when an object is not named. `associations`: object → objects whose ids a record names. `history`: object →
    properties whose changes are read as the stream `<object>.history`. `associations_every`: after so many hours all
    records of an object with associations are read again, for those that changed alone; 0 for never.
    """

    token: SecretStr | None = None
    client_id: str = ""
    client_secret: SecretStr | None = None
    refresh_token: SecretStr | None = None
    objects: tuple[str, ...] = Field(default=("contacts", "companies", "deals"), min_length=1)
    properties: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    associations: dict[str, tuple[str, ...]] = {"deals": ("contacts", "companies")}
    associations_every: int = Field(default=24, ge=0, le=8760)
    history: dict[str, tuple[str, ...]] = {"contacts": ("lifecyclestage",), "deals": ("dealstage",)}
    base_url: str = Field(default="https://api.hubapi.com", pattern=r"^https?://[^\s@?#]+$")

    @model_validator(mode="after")
    def _one_way_in(self) -> HubSpotConfig:
        given = [name for name in OAUTH if getattr(self, name)]
        if self.token and given:
            raise ValueError(f"give either token or {', '.join(OAUTH)}")
        if not self.token and len(given) < len(OAUTH):
            raise ValueError(f"give token, or all of {', '.join(OAUTH)}")
        return self
