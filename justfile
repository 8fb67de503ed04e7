# Short names for what CONTRIBUTING.md describes. Without `just`: each line runs as it stands.

# every test, in parallel
test *arguments:
    pytest {{arguments}}

# which requirements have a test
requirements:
    pytest --req-report

# style
lint:
    ruff check .
    ruff format --check .
    lint-imports

# static types
types:
    mypy

# what is generated is current, what is named exists
docs-check:
    pytest -n 0 tests/tooling tests/definitions/test_json_schemas.py

# write everything that is generated
generate:
    python -m sightline.definitions.json_schema docs/schemas
    python -m sightline.definitions.reference docs/definitions.md
    python -m sightline.config.options
    python tests/error_codes.py

# pin every runtime dependency with its hashes
lock:
    pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header --no-annotate --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file requirements.lock pyproject.toml

# what the build machine runs
ci:
    .ci/run
