"""Stand-ins for the images: programs as they are on this machine, with the libraries that they need."""

import hashlib
import io
import json
import pathlib
import re
import shutil
import subprocess
import tarfile

import chart

PROGRAMS = {"fetcher": "fetcher", "archive": "archive", "validator": "validator", "loader": "loader", "replayer": "replayer", "query-api": "query-api",
            "topology": "topology", "jikan-sim": "jikan-sim", "cli": "kansoku"}
ROOTS = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
PAUSE = "#include <signal.h>\n#include <stdlib.h>\n#include <unistd.h>\nstatic void end(int s) { exit(0); }\nint main() { signal(SIGTERM, end); for (;;) pause(); }\n"


# In the place of the official images' own: what the chart asks of them.
ENTRYPOINT = b"""#!/bin/sh
set -e
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  initdb -D "$PGDATA" -U "$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" --auth-host=scram-sha-256 --auth-local=trust $POSTGRES_INITDB_ARGS
  echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
  pg_ctl -D "$PGDATA" -w -o "-c listen_addresses= -c unix_socket_directories=/run/postgresql" start
  psql -U "$POSTGRES_USER" -d postgres -c "CREATE DATABASE $POSTGRES_DB"
  pg_ctl -D "$PGDATA" -w stop
fi
exec "$@" -c listen_addresses=* -c unix_socket_directories=/run/postgresql
"""


def add(archive, name, content, mode=0o644):
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    archive.addfile(entry, io.BytesIO(content))


def image(folder, names, files, *entrypoint, path="/usr/local/bin"):
    """An archive that containerd imports, with one layer of these files, under each of the names."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as archive:
        made = set()
        for inside, file in files.items():
            for parent in reversed(pathlib.PurePath(inside.lstrip("/")).parents[:-1]):
                if parent not in made:
                    made.add(parent)
                    entry = tarfile.TarInfo(str(parent))
                    entry.type, entry.mode = tarfile.DIRTYPE, 0o755
                    archive.addfile(entry)
            add(archive, inside.lstrip("/"), file if isinstance(file, bytes) else file.read_bytes(), 0o755)
    layer = layer.getvalue()
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {"Env": [f"PATH={path}", "PGHOST=/run/postgresql"], "User": "65532:65532", **({"Entrypoint": entrypoint} if entrypoint else {})},
                         "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()]}}).encode()
    digest = hashlib.sha256(config).hexdigest()
    manifest = json.dumps([{"Config": f"{digest}.json", "RepoTags": [f"docker.io/{'' if '/' in name else 'library/'}{name}" for name in names], "Layers": ["layer.tar"]}]).encode()
    result = folder / (re.sub("[^a-z0-9]", "-", names[0]) + ".tar")
    with tarfile.open(result, "w") as archive:
        add(archive, f"{digest}.json", config)
        add(archive, "layer.tar", layer)
        add(archive, "manifest.json", manifest)
    return result


def libraries(file):
    """What a program loads, as files of an image."""
    found = re.findall(r"(/lib\S+)", subprocess.run(["ldd", file], capture_output=True, text=True).stdout)
    return {path: pathlib.Path(path) for path in found}


def tree(folder, *without):
    """A folder's files, as files of an image."""
    return {str(file): file for file in pathlib.Path(folder).rglob("*") if file.is_file() and not any(word in str(file) for word in without)}


def postgres(folder, name):
    """Postgres of the distribution, its user and its words."""
    home = sorted(pathlib.Path("/usr/lib/postgresql").glob("*"))[-1]
    files = {"/etc/passwd": b"postgres:x:70:70::/:/bin/sh\n", "/entrypoint.sh": ENTRYPOINT, "/bin/sh": pathlib.Path("/bin/sh"), **libraries("/bin/sh")}
    files |= tree(home, "/bitcode/", "llvmjit") | tree(f"/usr/share/postgresql/{home.name}") | tree("/usr/lib/locale/C.utf8") | {"/usr/share/zoneinfo/UTC": pathlib.Path("/usr/share/zoneinfo/UTC")}
    for program in [*(home / "bin").iterdir(), *(home / "lib").glob("*.so")]:
        if "llvmjit" not in program.name:
            files |= libraries(program)
    return image(folder, [name], files, "/bin/sh", "/entrypoint.sh", path=f"{home}/bin:/bin")


def missing():
    """What is not here of what images are made of."""
    return [name for name in PROGRAMS.values() if not chart.program(name)] + [str(path) for path in (chart.ROOT / "web/dist/index.html", ROOTS) if not path.exists()]


def all_images(folder, nats, tags):
    """Every image of both charts, ours under several tags."""
    for name, program in PROGRAMS.items():
        path = chart.program(program)
        files = {f"/usr/local/bin/{program}": path, **libraries(path)}
        if name == "fetcher":
            files[str(ROOTS)] = ROOTS
        if name == "query-api":
            files |= {f"/srv/web/{file.relative_to(chart.ROOT / 'web/dist')}": file for file in (chart.ROOT / "web/dist").rglob("*") if file.is_file()}
        yield image(folder, [f"kansoku-{name}:{tag}" for tag in tags], files, f"/usr/local/bin/{program}")
    yield postgres(folder, "postgres:17-alpine")
    redis = {f"/usr/local/bin/valkey-{end}": pathlib.Path(shutil.which(f"redis-{end}")) for end in ("server", "cli")}
    yield image(folder, ["valkey/valkey:8-alpine"], {**redis, **{path: file for program in redis.values() for path, file in libraries(program).items()}})
    server = chart.ROOT / ".tools/bin/nats-server"
    yield image(folder, [nats], {"/usr/local/bin/nats-server": server, **libraries(server)})
    subprocess.run(["gcc", "-static", "-O1", "-x", "c", "-", "-o", folder / "pause"], input=PAUSE, text=True, check=True)
    yield image(folder, ["pause:1"], {"/pause": folder / "pause"}, "/pause")
