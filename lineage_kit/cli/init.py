"""``lineage-kit init``: a first openlineage.yml, with every section explained."""

from __future__ import annotations

import os
from pathlib import Path

import click

from lineage_kit.cli.output import note

FILE_NAME = "openlineage.yml"

TEMPLATE = """\
# Where lineage goes and what it says. Read from the working directory, from ~/.openlineage/, or from where
# OPENLINEAGE_CONFIG points. Variables and code win over this file: OPENLINEAGE__TRANSPORT__URL is transport.url.
# ${NAME} and ${NAME:-default} put in variables, so that no secret needs to stand here.
# Lines that begin with # and a letter are settings to take: remove the # from them and those indented below.
# `lineage-kit doctor` shows the outcome.

# The namespace of jobs that name none. One for each deployment keeps production and tests apart.
namespace: default

# -- Where events go. `local` keeps them on this machine, for `lineage-kit log`. Take one of the others in its place.
transport:
  type: local

# A backend over HTTP, such as Marquez, DataHub or OpenMetadata. Sent in the background: your code never waits.
#transport:
#  type: http
#  url: http://localhost:5000
#  endpoint: api/v1/lineage
#  timeout: 5          # seconds for one attempt
#  compression: gzip
#  # Where the backend asks for a key, which then stands in that variable:
#  #auth:
#  #  type: api_key
#  #  apiKey: ${LINEAGE_API_KEY}

# Kafka; needs pip install 'lineage-kit[kafka]'. `config` is handed to librdkafka.
#transport:
#  type: kafka
#  topic: lineage
#  config:
#    bootstrap.servers: localhost:9092

# A file, one event a line; or `type: console` with `style: tree`; or `type: noop`, which drops everything.
#transport:
#  type: file
#  log_file_path: lineage.ndjson
#  append: true

# Several destinations at once. When one is down, the others get their events all the same.
#transport:
#  type: composite
#  transports:
#    backend:
#      type: http
#      url: http://localhost:5000
#    archive:
#      type: file
#      log_file_path: lineage.ndjson
#      append: true

# -- When events leave, and what happens at exit.
#delivery:
#  mode: background    # `direct` sends on the caller's thread
#  exit_timeout: 2     # seconds that the end of the process may wait for what is still owed
#  on_sigterm: abort   # open runs are told to have been aborted; else SIGTERM is not looked at

# Seconds between the signs of life of a run that lasts; 0 for none.
#heartbeat: 60

# -- How datasets are called. Short names and host aliases to be replaced wherever they turn up:
#namespaces:
#  warehouse: postgres://warehouse.example:5432
#  127.0.0.1:5432: warehouse.example:5432

# Dates and partitions leave the names of files, so that orders/2026-11-22.csv is the dataset `orders` every day.
#dataset:
#  reducing_enabled: true

# -- What is added to every job and every run.
#tags:
#  job:
#    team: sales
#  run:
#    environment: production

# Variables whose values may leave this machine with each run, and where the code is kept (git is read by default).
#facets:
#  environment_variables: [GIT_BRANCH, DEPLOYMENT]
#  source_code_location:
#    disabled: false

# -- What is left out: jobs by name, or by a regular expression their names begin with.
#filters:
#  - type: exact
#    match: scratch.try_out
#  - type: regex
#    regex: tmp_.*

# Passwords, tokens and the like are always masked. Keys and patterns of your own are masked too.
#redact:
#  keys: [customer_number]
#  patterns: ["ACME-[0-9]+"]

# -- The rest.
# Who is named as the producer of the events: a URI.
#producer: https://example.com/etl

# Say at exit how many events were kept and where: auto (once, when nothing is configured), never, always.
#notice: auto

# The level of the logger `lineage_kit`.
#logging: WARNING

# Nothing is recorded and nothing is sent.
#disabled: false
"""

HELP = """\
Write a first openlineage.yml into the working directory, with every section explained.

As written it keeps events on this machine, where lineage-kit log shows them. A file that is already there stays as it
is unless --force is given.
"""


@click.command(help=HELP, short_help="Write a first openlineage.yml.")
@click.option(
    "--path",
    metavar="PATH",
    default=FILE_NAME,
    show_default=True,
    type=click.Path(path_type=Path),
    help="Where to write it: a file, or a directory for openlineage.yml in it.",
)
@click.option("--force", is_flag=True, help="Replace a file that is already there.")
@click.pass_context
def init(ctx: click.Context, path: Path, force: bool) -> None:
    """Write `TEMPLATE`."""
    if path.is_dir() and path.name != FILE_NAME:
        path /= FILE_NAME
    if path.is_dir():
        note(
            f"{path} is a directory, where a file is looked for: move it away, or write elsewhere with --path."
        )
        ctx.exit(2)
    try:
        _write(path, force)
    except FileExistsError:
        note(f"{path} is already there and stays as it is. --force replaces it; --path writes elsewhere.")
        ctx.exit(1)
    except OSError as error:
        note(f"{path} cannot be written: {error.strerror or error}")
        ctx.exit(2)
    print(f"Wrote {path}. Events stay on this machine until you choose another transport in it.")
    if not _is_found(path):
        print(f"It is used where OPENLINEAGE_CONFIG={path} is set.")
    print("See what is in force with: lineage-kit doctor")


def _write(path: Path, force: bool) -> None:
    """Readable to others, writable to its owner alone, whatever the umask allows."""
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if force else os.O_EXCL)
    descriptor = os.open(path, flags, 0o644)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
        file.write(TEMPLATE)


def _is_found(path: Path) -> bool:
    """Whether a program started here reads this file without being told."""
    from lineage_kit.config.files.discover import places

    return any(path.absolute() == place.absolute() for place, _ in places())
