"""Files on an SFTP server, whose key must be the known one."""

from __future__ import annotations

import io
import socket
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sightline.sources.address import reachable_address
from sightline.sources.base import SourceError, SourceRefused, SourceUnavailable, Surroundings
from sightline.sources.driver import driver
from sightline.sources.files.config import PlaceConfig
from sightline.sources.files.pattern import Entry, walk
from sightline.sources.files.place import local_name, require_small

SECONDS_TO_CONNECT = 15.0


class WrongHostKey(SourceError):
    """The SFTP server shows another key than the one it is known by."""

    code = "SL-E333"


class Sftp:
    """A folder on a server. Links are left out: they could lead anywhere."""

    def __init__(self, config: PlaceConfig, surroundings: Surroundings) -> None:
        self._paramiko = driver("paramiko", label="SFTP", extra="sftp")
        self._config, self._surroundings = config, surroundings
        self._open: tuple[Any, Any] | None = None
        self._root = config.folder.rstrip("/") or ("/" if config.folder else ".")
        self.name = f"sftp://{config.host}/{config.folder.lstrip('/')}"

    def find(self, pattern: str) -> Sequence[Entry]:
        with self._told():
            return list(walk(pattern, self._entries))

    def fetch(self, entry: Entry, into: Path) -> Path:
        require_small(entry, largest_mb=self._config.largest_mb)
        target = into / local_name(entry)
        with self._told():
            self._client().get(f"{self._root}/{entry.name}", str(target))
        return target

    def close(self) -> None:
        if self._open is not None:
            for each in self._open:
                each.close()
            self._open = None

    def _entries(self, folder: str) -> Iterator[Entry]:
        for found in self._client().listdir_attr(f"{self._root}/{folder}" if folder else self._root):
            mode, size = found.st_mode or 0, found.st_size or 0
            if "/" in found.filename or found.filename in (".", ".."):
                continue
            name = f"{folder}/{found.filename}" if folder else found.filename
            if stat.S_ISREG(mode):
                yield Entry(name, size=size, stamp=f"{size}-{found.st_mtime}")
            elif stat.S_ISDIR(mode):
                yield Entry(name, is_folder=True)

    def _client(self) -> Any:
        if self._open is None:
            transport = self._connected()
            try:
                self._open = (self._paramiko.SFTPClient.from_transport(transport), transport)
            except Exception:
                transport.close()
                raise
            self._open[0].get_channel().settimeout(self._surroundings.patience)
        return self._open[0]

    def _connected(self) -> Any:
        config = self._config
        key = self._key(config.private_key.get_secret_value()) if config.private_key else None
        address = reachable_address(config.host, config.port, allow_private=self._surroundings.allow_private)
        transport = self._paramiko.Transport(socket.create_connection((address, config.port), SECONDS_TO_CONNECT))
        try:
            transport.start_client(timeout=SECONDS_TO_CONNECT)
            self._require_known(transport.get_remote_server_key())
            if key is not None:
                transport.auth_publickey(config.user, key)
            elif config.password:
                transport.auth_password(config.user, config.password.get_secret_value())
        except Exception:
            transport.close()
            raise
        return transport

    def _require_known(self, key: Any) -> None:
        """Raise WrongHostKey before anything secret is sent."""
        if key.fingerprint not in self._config.host_key.split():
            raise WrongHostKey(
                f'{self.name} shows the key "{key.fingerprint}" ({key.get_name()}), not "{self._config.host_key}"',
                hint="Ask who runs the server; when its key was really changed, write the new one in the settings.",
            )

    def _key(self, text: str) -> Any:
        for kind in (self._paramiko.Ed25519Key, self._paramiko.ECDSAKey, self._paramiko.RSAKey):
            try:
                return kind.from_private_key(io.StringIO(text))
            except (self._paramiko.SSHException, ValueError):
                continue
        raise SourceError("the private key cannot be read", hint="Give the text of an OpenSSH key without a password.")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell errors in our words."""
        try:
            yield
        except self._paramiko.AuthenticationException as error:
            hint = "Check the user and the password or key."
            raise SourceRefused(f'{self.name} does not accept user "{self._config.user}"', hint=hint) from error
        except PermissionError as error:
            raise SourceRefused(f"{self.name}: {error.strerror or error}") from error
        except FileNotFoundError as error:
            raise SourceError(f"{self.name}: no such file or folder") from error
        except (self._paramiko.SSHException, OSError, EOFError) as error:
            self.close()
            said = str(error) or type(error).__name__
            raise SourceUnavailable(f"{self.name}: {said}", hint="The next sync tries again.") from error
