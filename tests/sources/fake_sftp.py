"""An SFTP server on this machine that gives out one folder."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import paramiko

USER, PASSWORD = "exports", "sftp-s3cret"


class Server(paramiko.ServerInterface):
    """Lets one user in, by password or key."""

    def __init__(self, key: paramiko.PKey) -> None:
        self.key = key

    def get_allowed_auths(self, username: str) -> str:
        return "password,publickey"

    def check_auth_password(self, username: str, password: str) -> int:
        right = (username, password) == (USER, PASSWORD)
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        right = username == USER and key.fingerprint == self.key.fingerprint
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class Files(paramiko.SFTPServerInterface):
    """Reads below a folder; links are told as links, as OpenSSH does."""

    def __init__(self, server: Any, *_: Any, root: Path, **__: Any) -> None:
        super().__init__(server)
        self.root = root

    def _path(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def list_folder(self, path: str) -> Any:
        try:
            found = sorted(self._path(path).iterdir())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        return [paramiko.SFTPAttributes.from_stat(each.lstat(), each.name) for each in found]

    def stat(self, path: str) -> Any:
        try:
            return paramiko.SFTPAttributes.from_stat(self._path(path).stat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    lstat = stat

    def open(self, path: str, flags: int, attr: Any) -> Any:
        try:
            file = self._path(path).open("rb")
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        handle = paramiko.SFTPHandle(os.O_RDONLY)
        handle.readfile = file  # type: ignore[attr-defined] # the library looks for it
        return handle


class FakeSftp:
    """A running server. `accepted`: the key it lets in besides the password."""

    def __init__(self, root: Path, accepted: paramiko.PKey) -> None:
        self.key = paramiko.ECDSAKey.generate()
        self._root, self._accepted = root, accepted
        self._transports: list[paramiko.Transport] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def fingerprint(self) -> str:
        return str(self.key.fingerprint)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        self.drop()

    def drop(self) -> None:
        """End all connections."""
        for transport in self._transports:
            transport.close()
            transport.join()
        self._transports.clear()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(connection)
            transport.add_server_key(self.key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, Files, root=self._root)
            self._transports.append(transport)
            try:
                transport.start_server(server=Server(self._accepted))
            except (paramiko.SSHException, EOFError, OSError):
                transport.close()


@contextmanager
def serving_sftp(root: Path, accepted: paramiko.PKey | None = None) -> Iterator[FakeSftp]:
    """Run a server while inside."""
    server = FakeSftp(root, accepted or paramiko.ECDSAKey.generate())
    try:
        yield server
    finally:
        server.close()
