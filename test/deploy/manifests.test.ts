import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  // biome-ignore lint/suspicious/noExplicitAny: each kind has its own, and the assertions read them.
  readonly spec: any;
}

function manifestsIn(name: string): Manifest[] {
  return parseAllDocuments(readFileSync(`deploy/${name}`, "utf8"), { version: "1.1" }).map((document) => {
    expect(document.errors).toEqual([]);
    expect(document.warnings).toEqual([]);
    return document.toJS();
  });
}

const named = (manifests: readonly Manifest[], kind: string, name: string) => {
  const found = manifests.find((each) => each.kind === kind && each.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found;
};

const cluster = manifestsIn("kubernetes.yaml");
const certificates = manifestsIn("cert-manager.yaml");
const pod = named(cluster, "StatefulSet", "sitq").spec.template;
const [container] = pod.spec.containers;

test("Kubernetes runs one server at most, and nothing in it can gain rights", () => {
  const { replicas, selector } = named(cluster, "StatefulSet", "sitq").spec;
  expect(replicas).toBe(1);
  expect(pod.metadata.labels).toMatchObject(selector.matchLabels);
  expect(pod.spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
  expect(container.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  });
  expect(pod.spec.automountServiceAccountToken).toBe(false);
});

test("the Service and the NetworkPolicy meet the pod's port", () => {
  const { port } = named(cluster, "Service", "sitq").spec.ports[0];
  expect(container.ports[0].containerPort).toBe(port);
  expect(named(cluster, "NetworkPolicy", "sitq").spec.ingress[0].ports[0].port).toBe(port);
  expect(named(cluster, "NetworkPolicy", "sitq").spec.podSelector.matchLabels).toEqual(pod.metadata.labels);
});

test("the server's certificate is mounted as a directory from the Secret that cert-manager keeps", () => {
  const { spec } = named(certificates, "Certificate", "sitq-tls");
  const volume = pod.spec.volumes.find((each: { name: string }) => each.name === "tls");
  const mount = container.volumeMounts.find((each: { name: string }) => each.name === "tls");
  expect(volume.secret.secretName).toBe(spec.secretName);
  // YAML 1.1 reads 0440 as octal: readable by the pod's group, which is the server's.
  expect(volume.secret.defaultMode).toBe(0o440);
  expect(mount).not.toHaveProperty("subPath");
  for (const flag of ["cert", "key", "client-ca"]) {
    expect(container.args.find((each: string) => each.startsWith(`--tls-${flag}=`))).toContain(`=${mount.mountPath}/`);
  }
  expect(spec.usages).toContain("server auth");
});

test("the probes ask by a name of the certificate, and need no certificate of their own", () => {
  const { dnsNames } = named(certificates, "Certificate", "sitq-tls").spec;
  for (const probe of [container.startupProbe, container.readinessProbe]) {
    const [program, command, , address] = probe.exec.command;
    expect([program, command]).toEqual(["sitq", "health"]);
    expect(dnsNames).toContain(address.split(":")[0]);
  }
  expect(container.args).toContain("--tls-client-auth=optional");
});

test("each certificate has an issuer of the file, and clients are known by a URI", () => {
  for (const { kind, spec } of certificates) {
    if (kind === "Certificate") named(certificates, "Issuer", spec.issuerRef.name);
  }
  expect(named(certificates, "Issuer", "sitq").spec.ca.secretName).toBe(
    named(certificates, "Certificate", "sitq-ca").spec.secretName,
  );
  const client = named(certificates, "Certificate", "sitq-client-mail").spec;
  expect(client.uris).toHaveLength(1);
  expect(client.usages).toContain("client auth");
});

test("compose runs the server read-only and without capabilities, as the Containerfile's user", () => {
  const { services } = parse(readFileSync("deploy/compose.yaml", "utf8"));
  expect(services.sitq).toMatchObject({ read_only: true, cap_drop: ["ALL"] });
  const containerfile = readFileSync("deploy/Containerfile", "utf8");
  expect(containerfile).toMatch(/^USER 1000:1000$/m);
  expect(containerfile.indexOf("USER")).toBeLessThan(containerfile.indexOf("ENTRYPOINT"));
  expect(services.sitq.volumes).toContain("data:/var/lib/sitq");
});
