"""Whether each process is given the settings and secrets that it needs, and no other's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from shared import config
from tests.deploy.checks import _ours
from tests.deploy.kubelet import OWN_SECRETS, contents, environment, secrets_of, services_of
from tests.deploy.manifests import Manifest, Pod, named, of, pods

NOT_OURS = {"HOME"}
LINK = {"LINKS_FILE", "AMQP_URI_LINK_FILE"}


class _Asked(dict[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__(ZHIDA_ORG="431023")
        self.names: set[str] = set()

    def get(self, name: str, default: object = None) -> object:  # type: ignore[override]
        self.names.add(name)
        return super().get(name, default)


def known_names() -> set[str]:
    """Every variable that shared.config reads, the files in their place included."""
    asked = _Asked()
    config.load(asked)
    return asked.names


def runs(pod: Pod, env: Mapping[str, str]) -> tuple[str, set[str]]:
    """What kind of process it is, and which services it carries, by its command."""
    command = pod.spec["containers"][0]["command"]
    everything = set(env["ZHIDA_SERVICES"].split())
    match command:
        case ["python", "-m", "shared.bus.worker", *services]:
            return "worker", set(services) or everything
        case ["gunicorn", *_]:
            return "web", everything
        case ["zhida", "migrate"]:
            return "migrate", everything
        case ["zhida", service, *_]:
            return "command", {service}
        case ["sleep", "infinity"]:
            return "tools", everything
    raise AssertionError(f"{pod.name}: what is {command}?")


def settings(manifests: list[Manifest], superior: str | None) -> Iterator[str]:
    """Names that exist, files that are there, and of each server's addresses those of its own services alone."""
    names, known = known_names(), secrets_of(manifests, superior)
    for pod in (pod for pod in pods(manifests) if _ours(pod.spec["containers"][0])):
        container = pod.spec["containers"][0]
        env = environment(container, manifests)
        yield from (f"{pod.name}: {name} is no setting" for name in set(env) - names - NOT_OURS)
        there = _files(pod, manifests, known)
        for name, value in env.items():
            if (name.endswith("_FILE") or name.startswith("ZHIDA_FILE_")) and value not in there:
                yield f"{pod.name}: {name} names {value}, which is not mounted"
        unused = {path for path in there if path.startswith("/run/zhida/") and "/keys/" not in path} - set(env.values())
        yield from (f"{pod.name}: {path} is mounted for nothing" for path in unused)
        kind, services = runs(pod, env)
        given = {name.removesuffix("_FILE") for name in env if name.startswith(("DATABASE_URL", "AMQP_URI_"))} - {"AMQP_URI_LINK"}
        wanted = set(_addresses(kind, services))
        yield from (f"{pod.name}: lacks {name}" for name in wanted - given)
        yield from (f"{pod.name}: needs no {name}" for name in given - wanted)
        keys = {PurePosixPath(path).name for path in there if path.startswith(f"{env['ZHIDA_KEYS']}/")}
        if keys != _keys(kind, services):
            yield f"{pod.name}: holds the keys {sorted(keys)}, needs {sorted(_keys(kind, services))}"
        speaks = "routing" in services and kind in ("worker", "tools") and superior is not None
        if set(env) & LINK != (LINK if speaks else set()):
            yield f"{pod.name}: its link to the superior"


def _addresses(kind: str, services: set[str]) -> Iterator[str]:
    yield from (f"DATABASE_URL_{service.upper()}" for service in services)
    if kind in ("worker", "tools"):
        yield from (f"AMQP_URI_{service.upper()}" for service in services)
        yield from ("AMQP_URI_PUBLIC" for service in services if service == "reporting")
    if kind in ("migrate", "tools"):
        yield "DATABASE_URL"


def _keys(kind: str, services: set[str]) -> set[str]:
    """Who signs holds the private key of sessions, who opens petitions the master key; nobody else does."""
    if kind == "migrate":
        return set()
    pages = {"secret.key", "session.pub.pem"} if kind in ("web", "tools") else set()
    signs = {"session.pem"} if kind in ("web", "tools") and "routing" in services else set()
    opens = {"master.key"} if "intake" in services else set()
    return pages | signs | opens


def _files(pod: Pod, manifests: list[Manifest], known: list[Manifest]) -> set[str]:
    volumes = {volume["name"]: volume for volume in pod.spec["volumes"]}
    return {
        f"{mount['mountPath']}/{path}"
        for mount in pod.spec["containers"][0]["volumeMounts"]
        for path in contents(volumes[mount["name"]], manifests, known)
    }


def references(manifests: list[Manifest], superior: str | None) -> Iterator[str]:
    """Claims, accounts, maps and secrets that are named are there; those of operators' objects too."""
    known = {one["metadata"]["name"]: set(one["stringData"]) for one in secrets_of(manifests, superior)} | OWN_SECRETS
    claims = {one["metadata"]["name"] for one in of(manifests, "PersistentVolumeClaim")}
    accounts = {one["metadata"]["name"] for one in of(manifests, "ServiceAccount")}
    for pod in pods(manifests):
        if pod.spec.get("serviceAccountName", "zhida") not in accounts:
            yield f"{pod.name}: its account"
        for volume in pod.spec.get("volumes", []):
            claim = volume.get("persistentVolumeClaim", {}).get("claimName")
            if claim is not None and claim not in claims:
                yield f"{pod.name}: the claim {claim}"
            if "secretName" in volume.get("secret", {}) and volume["secret"]["secretName"] not in known:
                yield f"{pod.name}: the secret {volume['secret']['secretName']}"
    for name, secret, keys in _of_operators(manifests):
        below = name.startswith("User/") and secret.removeprefix("broker-") in _subordinates(manifests)
        if not below and not keys <= known.get(secret, set()):
            yield f"{name}: the secret {secret}"


def _subordinates(manifests: list[Manifest]) -> set[str]:
    """Their users' secrets come with the subordinates' own: `secrets ORG --superior ...`."""
    return set(environment(next(pods(manifests)).spec["containers"][0], manifests).get("ZHIDA_SUBORDINATES", "").split())


def _of_operators(manifests: list[Manifest]) -> Iterator[tuple[str, str, set[str]]]:
    pair = {"username", "password"}
    for user in of(manifests, "User"):
        yield named(user), user["spec"]["importCredentialsSecret"]["name"], pair
    for cluster in of(manifests, "Cluster"):
        yield named(cluster), cluster["spec"]["bootstrap"]["initdb"]["secret"]["name"], pair
        roles = {role["name"]: role["passwordSecret"]["name"] for role in cluster["spec"]["managed"]["roles"]}
        yield from ((named(cluster), secret, pair) for secret in roles.values())
        if set(roles) != set(services_of(manifests)):
            yield named(cluster), f"of {set(roles) ^ set(services_of(manifests))}", pair
        store = cluster["spec"]["backup"]["barmanObjectStore"]["s3Credentials"]
        yield from ((named(cluster), one["name"], {one["key"]}) for one in store.values())
    for ingress in of(manifests, "Ingress"):
        yield from ((named(ingress), one["secretName"], {"tls.crt", "tls.key"}) for one in ingress["spec"]["tls"])
