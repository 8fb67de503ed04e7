"""The home folder: everything one installation owns.

* config.toml: options, with the secret key (readable by its owner only)
* app.sqlite3: people, sessions, audit log (unless the option `database` names another place)
* mail/ uploads/ static/: mails of the file backend, files on their way in, collected static files
* workspaces/<name>/: settings.yaml, definitions/ (own definitions), history/, branding/, lake/
"""

from sightline.home.home import Home, HomeError
from sightline.home.workspace import SettingsError, UnknownPack, WorkspaceFolder

__all__ = ["Home", "HomeError", "SettingsError", "UnknownPack", "WorkspaceFolder"]
