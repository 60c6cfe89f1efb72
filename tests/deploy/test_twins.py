"""The rules of the overlays can fail: each manifest here is broken in one way, and the rule says which."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from deploy.k8s.rights import Manifest
from tests.deploy import checks, network, settings
from tests.deploy.manifests import named, of, overlay, pod, the

Break = Callable[[list[Manifest]], object]
Rule = Callable[[list[Manifest]], Iterable[str]]


def container(found: list[Manifest], name: str) -> Manifest:
    one: Manifest = pod(found, name).spec["containers"][0]
    return one


def drop(*path: str, at: str = "Deployment/web") -> Break:
    """Take something away from a container."""

    def broken(found: list[Manifest]) -> None:
        place = container(found, at)
        for key in path[:-1]:
            place = place[key]
        del place[path[-1]]

    return broken


def put(path: str, value: object, at: str = "Deployment/web") -> Break:
    """Set something in a container."""

    def broken(found: list[Manifest]) -> None:
        *way, last = path.split(".")
        place = container(found, at)
        for key in way:
            place = place[key]
        place[last] = value

    return broken


def of_pod(key: str, value: object, at: str = "Deployment/web") -> Break:
    return lambda found: pod(found, at).spec.__setitem__(key, value)


def of_security(key: str, value: object, at: str = "Deployment/web") -> Break:
    return lambda found: pod(found, at).spec["securityContext"].__setitem__(key, value)


def without(kind: str, name: str) -> Break:
    return lambda found: found.remove(the(found, kind, name))


def of_broker(found: list[Manifest]) -> Manifest:
    spec: Manifest = the(found, "RabbitmqCluster", "broker")["spec"]["override"]["statefulSet"]["spec"]["template"]["spec"]
    return spec


def policy(name: str, change: Callable[[Manifest], object]) -> Break:
    def broken(found: list[Manifest]) -> None:
        change(the(found, "NetworkPolicy", name)["spec"])

    return broken


def variable(name: str, value: str | None, at: str = "Deployment/web") -> Break:
    """Another value of a variable, one more, or (None) one less."""

    def broken(found: list[Manifest]) -> None:
        env = container(found, at)["env"]
        env[:] = [one for one in env if one["name"] != name] + ([{"name": name, "value": value}] if value is not None else [])

    return broken


def volume(name: str, change: Callable[[Manifest], object], at: str = "Deployment/web") -> Break:
    def broken(found: list[Manifest]) -> None:
        change(next(one for one in pod(found, at).spec["volumes"] if one["name"] == name))

    return broken


SECRETS = "/run/zhida/secrets/database"
BREAKS: list[tuple[Rule, Break, str]] = [
    (checks.limits, drop("resources", "limits"), "no limit of memory"),
    (checks.limits, drop("resources"), "does not ask"),
    (checks.limits, drop("resources", "requests", "cpu", at="Job/migrate"), "does not ask"),
    (checks.limits, drop("resources", "limits", at="CronJob/sweep"), "no limit of memory"),
    (checks.limits, lambda found: the(found, "RabbitmqCluster", "broker")["spec"].pop("resources"), "RabbitmqCluster"),
    (checks.limits, lambda found: the(found, "Cluster", "database")["spec"]["resources"].pop("limits"), "Cluster"),
    (checks.probes, drop("livenessProbe"), "no livenessProbe"),
    (checks.probes, drop("readinessProbe", at="Deployment/worker-routing"), "no readinessProbe"),
    (checks.probes, drop("startupProbe", at="Deployment/channels"), "startupProbe asks None"),
    (checks.probes, put("livenessProbe.httpGet.path", "/readyz"), "livenessProbe asks /readyz"),  # dies with its database
    (checks.restricted, of_security("runAsNonRoot", False), "may run as root"),
    (checks.restricted, of_security("runAsUser", 0), "no numeric user"),
    (checks.restricted, lambda found: pod(found, "Job/migrate").spec["securityContext"].pop("seccompProfile"), "no seccomp"),
    (checks.restricted, of_pod("automountServiceAccountToken", True, at="CronJob/learn"), "token"),
    (checks.restricted, of_pod("hostNetwork", True), "hostNetwork"),
    (checks.restricted, put("securityContext.allowPrivilegeEscalation", True), "privileges may grow"),
    (checks.restricted, put("securityContext.readOnlyRootFilesystem", False, at="Deployment/tools"), "can be written"),
    (checks.restricted, drop("securityContext", "capabilities"), "keeps capabilities"),
    (checks.restricted, put("securityContext.privileged", True), "privileged is set again"),
    (checks.restricted, volume("tmp", lambda one: one.update(emptyDir={})), "no limit"),
    (checks.restricted, volume("tmp", lambda one: (one.pop("emptyDir"), one.update(hostPath={"path": "/"}))), "hostPath"),
    (checks.restricted, lambda found: container(found, "Deployment/web")["volumeMounts"][-1].update(name="x"), "not there"),
    (checks.restricted, lambda found: [one.pop("readOnly", None) for one in container(found, "Deployment/web")["volumeMounts"]],
     "as if to write"),
    (checks.restricted, lambda found: container(found, "Deployment/web")["volumeMounts"].append(
        {"name": "tmp", "mountPath": f"{SECRETS}/x"}), "inside of"),
    (checks.restricted, lambda found: the(found, "Namespace", "zhida-431023")["metadata"].pop("labels"), "does not demand"),
    (checks.restricted, without("Namespace", "zhida-431023"), "no namespace"),
    (checks.operators, lambda found: of_broker(found)["containers"][0].pop("securityContext"), "privileges may grow"),
    (checks.operators, lambda found: of_broker(found)["initContainers"].pop(), "not all containers"),
    (checks.operators, lambda found: of_broker(found)["securityContext"].pop("seccompProfile"), "no seccomp"),
    (checks.ports, put("livenessProbe.httpGet.port", "https"), "asks port https"),
    (checks.ports, variable("ZHIDA_HEALTH_PORT", "8081", at="Deployment/worker-intake"), "listens on"),
    (checks.ports, variable("ZHIDA_HEALTH_HOST", None, at="Deployment/worker-intake"), "listens on"),
    (checks.ports, put("ports", [{"name": "http", "containerPort": 8001}]), "listens on"),
    (checks.ports, lambda found: the(found, "Service", "public")["spec"].update(selector={"app": "x"}), "selects nothing"),
    (checks.ports, lambda found: the(found, "Service", "mail")["spec"]["ports"][0].update(targetPort="smtp"), "smtp"),
    (checks.images, put("image", "local/zhida:latest"), "latest"),
    (checks.images, put("image", "registry.example/zhida:1"), "registry.example"),
    (checks.availability, without("PodDisruptionBudget", "worker-followup"), "0 budgets"),
    (checks.availability, without("HorizontalPodAutoscaler", "web"), "web: 1 pods and 1 budgets"),
    (checks.availability, lambda found: the(found, "Deployment", "public")["spec"].update(replicas=1), "both"),
    (checks.availability, lambda found: pod(found, "Deployment/web").spec.pop("topologySpreadConstraints"), "not spread"),
    (checks.availability, without("Deployment", "public"), "scales public"),
    (network.closed, without("NetworkPolicy", "nothing"), "denies everything"),
    (network.closed, policy("pages", lambda spec: spec["ingress"][0].pop("from")), "for anybody"),
    (network.closed, policy("pages", lambda spec: spec["ingress"][0]["from"].append({})), "for anybody"),
    (network.closed, policy("figures", lambda spec: spec["ingress"][0].pop("ports")), "every port"),
    (network.closed, policy("outside", lambda spec: spec["egress"][0]["to"][0]["ipBlock"].pop("except")), "reaches inside"),
    (network.exact, without("NetworkPolicy", "to-database"), "not let out to database"),
    (network.exact, without("NetworkPolicy", "database"), "not let in to database"),
    (network.exact, policy("to-broker", lambda spec: spec["podSelector"]["matchExpressions"][1]["values"].append("web")),
     "Deployment/web: is let out to broker:5672"),
    (network.doors, without("NetworkPolicy", "pages"), "nobody is let in"),
    (network.doors, policy("mail", lambda spec: spec["ingress"][0]["ports"][0].update(port=25)), "nobody"),
    (network.doors, policy("mail", lambda spec: spec["podSelector"].update(matchLabels={"app": "x"})), "selects nobody"),
]  # fmt: skip
OF_SETTINGS: list[tuple[Break, str]] = [
    (variable("ZHIDA_HEALTH_PROT", "1"), "is no setting"),
    (variable("DATABASE_URL_INTAKE_FILE", "/run/zhida/intake"), "not mounted"),
    (variable("DATABASE_URL_REPORTING_FILE", None), "lacks DATABASE_URL_REPORTING"),
    (variable("AMQP_URI_FOLLOWUP_FILE", None, at="Deployment/worker-followup"), "lacks AMQP_URI_FOLLOWUP"),
    (variable("AMQP_URI_ROUTING_FILE", f"{SECRETS}/routing"), "needs no AMQP_URI_ROUTING"),
    (variable("DATABASE_URL_ROUTING_FILE", f"{SECRETS}/intake", at="Deployment/public"), "needs no DATABASE_URL_ROUTING"),
    (volume("keys", lambda one: one["projected"]["sources"].pop(), at="Deployment/worker-intake"), "holds the keys"),
    (volume("keys", lambda one: one["projected"]["sources"][0]["secret"].pop("items"), at="Deployment/public"), "session.pem"),
    (variable("LINKS_FILE", f"{SECRETS}/routing", at="Deployment/tools"), "its link"),
]


@pytest.mark.parametrize(("rule", "damage", "word"), BREAKS)
def test_what_breaks_a_rule_is_noticed(rule: Rule, damage: Break, word: str) -> None:
    found = overlay("county")
    damage(found)
    faults = list(rule(found))
    assert faults
    assert any(word in fault for fault in faults), faults


@pytest.mark.parametrize(("damage", "word"), OF_SETTINGS)
def test_a_setting_too_few_too_many_or_misspelt_is_noticed(damage: Break, word: str) -> None:
    found = overlay("county")
    damage(found)
    faults = list(settings.settings(found, None))
    assert any(word in fault for fault in faults), faults


def test_a_township_without_its_link_is_noticed() -> None:
    found = overlay("township")
    variable("LINKS_FILE", None, at="Deployment/worker")(found)
    assert any("link" in fault for fault in settings.settings(found, "431023"))


@pytest.mark.parametrize(
    ("damage", "word"),
    [
        (without("PersistentVolumeClaim", "files"), "the claim files"),
        (without("ServiceAccount", "zhida"), "account"),
        (lambda found: of(found, "User")[0]["spec"]["importCredentialsSecret"].update(name="other"), "the secret other"),
        (lambda found: the(found, "Cluster", "database")["spec"]["managed"]["roles"].pop(), "of {'reporting'}"),
    ],
)
def test_a_name_that_leads_nowhere_is_noticed(damage: Break, word: str) -> None:
    found = overlay("county")
    damage(found)
    assert any(word in fault for fault in settings.references(found, None))


def test_each_call_gives_manifests_that_may_be_broken() -> None:
    one, other = overlay("demo"), overlay("demo")
    one[0]["metadata"]["name"] = "broken"
    assert named(other[0]) != named(one[0])
