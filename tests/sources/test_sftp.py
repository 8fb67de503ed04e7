"""An SFTP server: known by its key, asked by password or key, and unreachable for a while."""

from __future__ import annotations

import importlib
import io
from pathlib import Path
from typing import Any

import paramiko
import pytest
from fake_sftp import PASSWORD, USER, FakeSftp, serving_sftp
from utc_clock import utc_now

from sightline.sources.base import ReadRequest, Source, SourceError, SourceRefused, SourceUnavailable, Surroundings
from sightline.sources.driver import MissingDriver
from sightline.sources.files.config import FilesConfig
from sightline.sources.files.sftp import WrongHostKey
from sightline.sources.files.source import FILES

pytestmark = pytest.mark.req("PRG-1.1", "PLT-2")


def opened(server: FakeSftp, **settings: Any) -> Source:
    place = {"place": "sftp", "host": "127.0.0.1", "port": server.port, "host_key": server.fingerprint}
    streams = [{"name": "leads", "pattern": "**/*.csv"}]
    config = {**place, "user": USER, "password": PASSWORD, "folder": "/drop", "streams": streams, **settings}
    return FILES.open(FilesConfig.model_validate(config), Surroundings(now=utc_now, allow_private=True, patience=5.0))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "drop" / "deep").mkdir(parents=True)
    (tmp_path / "drop" / "a.csv").write_text("id\n1\n")
    (tmp_path / "drop" / "deep" / "b.csv").write_text("id\n2\n")
    (tmp_path / "secret.csv").write_text("id\n3\n")
    return tmp_path


def names(source: Source) -> list[str]:
    return [record["_file"] for page in source.read(ReadRequest(source.streams()[0])) for record in page.records]


def test_links_are_left_out(root: Path) -> None:
    (root / "drop" / "link.csv").symlink_to(root / "secret.csv")
    (root / "drop" / "folder").symlink_to(root)
    with serving_sftp(root) as server:
        source = opened(server)
        assert names(source) == ["a.csv", "deep/b.csv"]
        source.close()


def test_a_server_with_another_key_is_told_no_password(root: Path) -> None:
    with serving_sftp(root) as server:
        other = paramiko.ECDSAKey.generate().fingerprint
        source = opened(server, host_key=other)
        with pytest.raises(WrongHostKey) as caught:
            source.check()
        source.close()
        assert server.fingerprint in str(caught.value)
        assert other in str(caught.value)
        assert not any(transport.is_authenticated() for transport in server._transports)


def test_a_key_serves_instead_of_a_password(root: Path) -> None:
    key = paramiko.ECDSAKey.generate()
    text = io.StringIO()
    key.write_private_key(text)
    with serving_sftp(root, key) as server:
        source = opened(server, password=None, private_key=text.getvalue())
        assert source.check().details == {"files of leads": "2"}
        source.close()
        stranger = io.StringIO()
        paramiko.ECDSAKey.generate().write_private_key(stranger)
        source = opened(server, password=None, private_key=stranger.getvalue())
        with pytest.raises(SourceRefused, match='user "exports"'):
            source.check()
        source.close()
        source = opened(server, password=None, private_key="no key")
        with pytest.raises(SourceError, match="cannot be read"):
            source.check()
        source.close()


def test_a_folder_that_is_not_there_is_told(root: Path) -> None:
    with serving_sftp(root) as server:
        source = opened(server, folder="/nowhere")
        with pytest.raises(SourceError, match="no such file or folder"):
            source.check()
        source.close()


def test_a_lost_connection_may_come_back(root: Path) -> None:
    with serving_sftp(root) as server:
        source = opened(server)
        source.check()
        server.drop()
        with pytest.raises(SourceUnavailable):
            source.check()
        assert source.check().details == {"files of leads": "2"}, "it is opened anew"
        source.close()
    source = opened(server)
    with pytest.raises(SourceUnavailable):
        source.check()
    source.close()


def test_a_missing_package_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    place = {"place": "sftp", "host": "files.example.com", "user": "u", "password": "p", "host_key": "SHA256:x"}
    config = FilesConfig.model_validate({**place, "streams": [{"name": "x", "pattern": "*.csv"}]})
    with pytest.raises(MissingDriver, match=r"pip install 'sightline\[sftp\]'"):
        FILES.open(config, Surroundings(now=utc_now))


def test_a_host_key_is_required() -> None:
    place = {"place": "sftp", "host": "files.example.com", "user": "u", "password": "p"}
    with pytest.raises(ValueError, match="host_key"):
        FilesConfig.model_validate({**place, "streams": [{"name": "x", "pattern": "*.csv"}]})
