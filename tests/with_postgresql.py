#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Run a command beside a throw-away PostgreSQL.

    with_postgresql.py COMMAND [ARGUMENT...]

Starts PostgreSQL 15 or newer in a new folder in memory (under /tmp where there is no room for a
gigabyte: each test makes some hundred tables), on a unix socket only, as an unprivileged user when
called by root; exports LICET_TEST_POSTGRESQL, a connection string; runs the command; ends the
server and removes the folder. The exit status is the command's. PG_BIN names the folder of initdb
and postgres where it is not Debian's.
"""
import ctypes
import glob
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PR_SET_PDEATHSIG = 1


def programs():
    found = [os.environ["PG_BIN"]] if "PG_BIN" in os.environ else []
    versions = [(int(m.group(1)), m.group(0))
                for m in (re.match(r".*/postgresql/(\d+)/bin$", path)
                          for path in glob.glob("/usr/lib/postgresql/*/bin")) if m]
    found += [path for version, path in sorted(versions) if version >= 15]
    for path in found:
        if os.access(os.path.join(path, "initdb"), os.X_OK):
            return path
    sys.exit("with_postgresql: no PostgreSQL 15 (apt install postgresql-15)")


def person():
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}, None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}, entry
        except KeyError:
            continue
    sys.exit("with_postgresql: neither a user postgres nor nobody")


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def room():
    """Where the folder is made."""
    try:
        memory = os.statvfs("/dev/shm")
        if memory.f_bavail * memory.f_frsize > 1 << 30:
            return "/dev/shm"
    except OSError:
        pass
    return "/tmp"


def start(folder, be, bin_):
    data = os.path.join(folder, "data")
    subprocess.run([os.path.join(bin_, "initdb"), "-D", data, "-U", "licet", "-A", "trust",
                    "-E", "UTF8", "--locale=C", "--no-sync"],
                   check=True, stdout=subprocess.DEVNULL, cwd=folder, **be)
    settings = {"listen_addresses": "", "unix_socket_directories": folder, "fsync": "off",
                "full_page_writes": "off", "shared_buffers": "64MB", "max_connections": "100",
                "log_min_messages": "fatal", "max_locks_per_transaction": "256"}
    arguments = [os.path.join(bin_, "postgres"), "-D", data]
    for name, value in settings.items():
        arguments += ["-c", "%s=%s" % (name, value)]
    with open(os.path.join(folder, "log"), "wb") as log:
        return subprocess.Popen(arguments, cwd=folder, stdin=subprocess.DEVNULL, stdout=log,
                                stderr=log, preexec_fn=die_with_parent, **be)


def wait_until_ready(folder, be, bin_, server):
    for _ in range(600):
        if server.poll() is not None:
            break
        if subprocess.run([os.path.join(bin_, "pg_isready"), "-q", "-h", folder, "-U", "licet",
                           "-d", "postgres"], cwd=folder, **be).returncode == 0:
            return
        time.sleep(0.05)
    with open(os.path.join(folder, "log"), errors="replace") as log:
        sys.exit("with_postgresql: the server did not start: " + log.read()[-2000:])


def stop(server):
    for way, seconds in ((signal.SIGINT, 10), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
        if server.poll() is not None:
            return
        server.send_signal(way)
        try:
            server.wait(seconds)
            return
        except subprocess.TimeoutExpired:
            continue


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda n, frame: sys.exit(128 + n))
    bin_ = programs()
    be, entry = person()
    folder = tempfile.mkdtemp(prefix="licet-postgresql-", dir=room())
    server = None
    try:
        if entry:
            os.chown(folder, entry.pw_uid, entry.pw_gid)
        server = start(folder, be, bin_)
        wait_until_ready(folder, be, bin_, server)
        environment = dict(os.environ)
        environment["LICET_TEST_POSTGRESQL"] = "postgresql:///postgres?host=%s&user=licet" % folder
        return subprocess.run(sys.argv[1:], env=environment).returncode
    finally:
        if server:
            stop(server)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
