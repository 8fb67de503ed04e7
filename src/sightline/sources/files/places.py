"""Every kind of place there is."""

from __future__ import annotations

from collections.abc import Callable

from sightline.registry import Registry
from sightline.sources.base import Surroundings
from sightline.sources.files.bucket import Bucket
from sightline.sources.files.config import PlaceConfig
from sightline.sources.files.folder import Folder
from sightline.sources.files.place import Place
from sightline.sources.files.sftp import Sftp
from sightline.sources.files.web import Web

PLACES: Registry[Callable[[PlaceConfig, Surroundings], Place]] = Registry(
    "place", {"folder": Folder, "s3": Bucket, "sftp": Sftp, "http": Web}
)
