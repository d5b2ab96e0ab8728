"""Stand-ins for the images: our programs as they are built here with the libraries that they need, and nats-server."""

import hashlib
import io
import json
import pathlib
import re
import subprocess
import tarfile

import chart

PROGRAMS = {"fetcher": "fetcher", "archive": "archive", "validator": "validator", "loader": "loader", "replayer": "replayer", "query-api": "query-api",
            "topology": "topology", "jikan-sim": "jikan-sim", "cli": "kansoku"}
ROOTS = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
PAUSE = "#include <signal.h>\n#include <stdlib.h>\n#include <unistd.h>\nstatic void end(int s) { exit(0); }\nint main() { signal(SIGTERM, end); for (;;) pause(); }\n"


def add(archive, name, content, mode=0o644):
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    archive.addfile(entry, io.BytesIO(content))


def image(folder, names, files, entrypoint=None):
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
            add(archive, inside.lstrip("/"), file.read_bytes(), 0o755)
    layer = layer.getvalue()
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": {"Env": ["PATH=/usr/local/bin"], "User": "65532:65532", **({"Entrypoint": [entrypoint]} if entrypoint else {})},
                         "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()]}}).encode()
    digest = hashlib.sha256(config).hexdigest()
    manifest = json.dumps([{"Config": f"{digest}.json", "RepoTags": [f"docker.io/library/{name}" for name in names], "Layers": ["layer.tar"]}]).encode()
    path = folder / (re.sub("[^a-z0-9]", "-", names[0]) + ".tar")
    with tarfile.open(path, "w") as archive:
        add(archive, f"{digest}.json", config)
        add(archive, "layer.tar", layer)
        add(archive, "manifest.json", manifest)
    return path


def libraries(file):
    """What a program loads, as files of an image."""
    found = re.findall(r"(/lib\S+)", subprocess.run(["ldd", file], capture_output=True, text=True).stdout)
    return {path: pathlib.Path(path) for path in found}


def missing():
    """What is not here of what images are made of."""
    return [name for name in PROGRAMS.values() if not chart.program(name)] + [str(path) for path in (chart.ROOT / "web/dist/index.html", ROOTS) if not path.exists()]


def all_images(folder, nats, tags):
    """Every image of both charts but Postgres and Redis, ours under several tags."""
    for name, program in PROGRAMS.items():
        path = chart.program(program)
        files = {f"/usr/local/bin/{program}": path, **libraries(path)}
        if name == "fetcher":
            files[str(ROOTS)] = ROOTS
        if name == "query-api":
            files |= {f"/srv/web/{file.relative_to(chart.ROOT / 'web/dist')}": file for file in (chart.ROOT / "web/dist").rglob("*") if file.is_file()}
        yield image(folder, [f"kansoku-{name}:{tag}" for tag in tags], files, f"/usr/local/bin/{program}")
    server = chart.ROOT / ".tools/bin/nats-server"
    yield image(folder, [nats], {"/usr/local/bin/nats-server": server, **libraries(server)})
    subprocess.run(["gcc", "-static", "-O1", "-x", "c", "-", "-o", folder / "pause"], input=PAUSE, text=True, check=True)
    yield image(folder, ["pause:1"], {"/pause": folder / "pause"}, "/pause")
