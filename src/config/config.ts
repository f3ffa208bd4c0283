import { formatHostPort, isLoopback } from "../contract/host-port.ts";
import type { Setting } from "./setting.ts";
import { type Config, formerSettings, settings } from "./settings.ts";

/** Settings that cannot be used: all of them at once. Its message is for the operator, one line each. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  /** What is wrong with each, and what is expected instead. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    const heading = problems.length === 1 ? "One setting is wrong:" : `${problems.length} settings are wrong:`;
    super([heading, ...problems.map((problem) => `  ${problem}`)].join("\n"));
    this.problems = problems;
  }
}

/** The flags given, by their names in camel case; `true` is a flag without a value. */
export type Flags = Readonly<Record<string, string | boolean | undefined>>;

/** The environment, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings: a flag goes before the environment, the environment before the default. A variable that is there and
 * empty says nothing.
 *
 * @param flags the flags of `serve`, as commander's `opts()` answers them
 * @param otherNames variables that begin with `SITQ_` and belong to other programs
 * @throws ConfigError with everything that is wrong, on the command line and in the environment, overruled or not
 */
export function readConfig(flags: Flags, environment: Environment, otherNames: readonly string[] = []): Config {
  const problems = [...former(flags, environment), ...unknownFlags(flags), ...unknownNames(environment, otherNames)];
  const bad = new Set<string>();

  function read(field: string, setting: Setting<unknown>): unknown {
    const given = [
      [setting.flag, flags[camelCase(setting.flag)]],
      [setting.environment, environment[setting.environment] || undefined],
    ] as const;
    const [value] = given.flatMap(([name, said]) => {
      if (said === undefined) return [];
      const parsed = setting.kind.parse(String(said));
      if (parsed !== undefined) return [parsed];
      problems.push(complaint(name, setting, String(said)));
      bad.add(field);
      return [];
    });
    return value ?? setting.defaultValue;
  }

  const entries = Object.entries<Setting<unknown>>(settings);
  // Each value comes from the setting that gives the field its type.
  const config = Object.fromEntries(entries.map(([field, setting]) => [field, read(field, setting)])) as Config;
  const judged = rules.filter(({ fields }) => !fields.some((field) => bad.has(field)));
  problems.push(...judged.flatMap(({ broken }) => broken(config) ?? []));
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/** What must hold between settings. It is judged only where every one of them is good by itself. */
interface Rule {
  readonly fields: readonly (keyof Config)[];
  /** What is wrong; `undefined`: nothing. */
  broken(config: Config): string | undefined;
}

/** A message carries more than its payload: headers, an error, the names of fields. */
const messageOverheadBytes = 65_536;

const minuteMs = 60_000;

const rules: readonly Rule[] = [
  {
    fields: ["heartbeatIntervalMs", "leaseDurationMs"],
    broken({ heartbeatIntervalMs, leaseDurationMs }) {
      if (heartbeatIntervalMs * 3 <= leaseDurationMs) return undefined;
      const { heartbeatIntervalMs: interval, leaseDurationMs: lease } = settings;
      const [is, most] = [heartbeatIntervalMs, Math.floor(leaseDurationMs / 3)].map(interval.kind.format);
      return (
        `${interval.flag}: ${is} is more than a third of ${lease.flag} (${lease.kind.format(leaseDurationMs)}), ` +
        `so that one lost heartbeat would cost the lease; expected at most ${most}`
      );
    },
  },
  {
    fields: ["maxPayloadBytes", "maxReceiveBytes"],
    broken({ maxPayloadBytes, maxReceiveBytes }) {
      const least = maxPayloadBytes + messageOverheadBytes;
      if (maxReceiveBytes >= least) return undefined;
      const { maxPayloadBytes: payload, maxReceiveBytes: receive } = settings;
      return (
        `${receive.flag}: ${receive.kind.format(maxReceiveBytes)} does not hold a payload of ${payload.flag} ` +
        `(${payload.kind.format(maxPayloadBytes)}); expected at least ${receive.kind.format(least)}`
      );
    },
  },
  {
    fields: ["heartbeatIntervalMs", "maxIdleMessages"],
    broken({ heartbeatIntervalMs, maxIdleMessages }) {
      const least = Math.ceil((2 * minuteMs) / heartbeatIntervalMs);
      if (maxIdleMessages >= least) return undefined;
      const { heartbeatIntervalMs: interval, maxIdleMessages: idle } = settings;
      return (
        `${idle.flag}: ${maxIdleMessages} is too few for the heartbeats of ${interval.flag} ` +
        `(${interval.kind.format(heartbeatIntervalMs)}); expected at least ${least}`
      );
    },
  },
  {
    fields: ["listen", "insecure", "auth", "tlsCertPath"],
    broken({ listen, insecure, auth, tlsCertPath }) {
      if (insecure || isLoopback(listen) || (auth === "on" && tlsCertPath !== null)) return undefined;
      const { flag, environment } = settings.insecure;
      const needs: string[] = [];
      if (tlsCertPath === null) needs.push(`${settings.tlsCertPath.flag} and ${settings.tlsKeyPath.flag}`);
      if (auth === "off") needs.push(`${settings.auth.flag} on`);
      return (
        `${settings.listen.flag}: other machines can reach ${formatHostPort(listen)}; set ${needs.join(" and ")}, or listen on ` +
        `127.0.0.1 or [::1], or, if you trust everybody on that network, set ${flag} (${environment}=true)`
      );
    },
  },
  {
    fields: ["auth", "jwtIssuer", "jwtAudience", "jwtJwks"],
    broken({ auth, jwtIssuer, jwtAudience, jwtJwks }) {
      const { jwtIssuer: issuer, jwtAudience: audience, jwtJwks: jwks } = settings;
      const given = [jwtIssuer, jwtAudience, jwtJwks].filter((value) => value !== null).length;
      const all = `${issuer.flag}, ${audience.flag} and ${jwks.flag}`;
      if (given !== 0 && given !== 3) return `${issuer.flag}: expected ${all} together`;
      return given === 3 && auth === "off" ? `${issuer.flag}: expected ${settings.auth.flag} on with it` : undefined;
    },
  },
  {
    fields: ["auth", "bootstrapTokenFilePath"],
    broken({ auth, bootstrapTokenFilePath }) {
      if (bootstrapTokenFilePath === null || auth === "on") return undefined;
      return `${settings.bootstrapTokenFilePath.flag}: expected ${settings.auth.flag} on with it`;
    },
  },
  {
    fields: ["metrics", "http"],
    broken({ metrics, http }) {
      if (metrics === "off" || http === "on") return undefined;
      return `${settings.metrics.flag}: expected ${settings.http.flag} on with it, which serves /metrics`;
    },
  },
  {
    fields: ["tlsCertPath", "tlsKeyPath"],
    broken({ tlsCertPath, tlsKeyPath }) {
      const { tlsCertPath: cert, tlsKeyPath: key } = settings;
      if (tlsCertPath !== null && tlsKeyPath === null) return `${cert.flag}: expected ${key.flag} with it`;
      if (tlsCertPath === null && tlsKeyPath !== null) return `${key.flag}: expected ${cert.flag} with it`;
      return undefined;
    },
  },
  {
    fields: ["tlsCertPath", "tlsClientCaPath"],
    broken({ tlsCertPath, tlsClientCaPath }) {
      if (tlsClientCaPath === null || tlsCertPath !== null) return undefined;
      return `${settings.tlsClientCaPath.flag}: expected ${settings.tlsCertPath.flag} with it`;
    },
  },
  {
    fields: ["tlsClientAuth", "tlsClientCaPath"],
    broken({ tlsClientAuth, tlsClientCaPath }) {
      if (tlsClientCaPath !== null || tlsClientAuth === "auto" || tlsClientAuth === "none") return undefined;
      const { tlsClientAuth: auth, tlsClientCaPath: ca } = settings;
      return `${auth.flag}: ${tlsClientAuth} asks clients for certificates; expected ${ca.flag} with it`;
    },
  },
];

function complaint(name: string, { kind }: Setting<unknown>, said: string): string {
  const form = kind.form === undefined ? "" : ` (${kind.form})`;
  return `${name}: expected ${kind.expected}${form}, not ${quoted(said)}`;
}

/** As JSON, so that nothing in it moves the cursor; cut, so that it does not hide the other complaints. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}

const allSettings: readonly Setting<unknown>[] = Object.values(settings);

function former(flags: Flags, environment: Environment): string[] {
  return formerSettings.flatMap(({ flag, environment: name, successor }) => {
    const problems: string[] = [];
    if (flags[camelCase(flag)] !== undefined) problems.push(`${flag}: it is now called ${successor.flag}`);
    if (environment[name]) problems.push(`${name}: it is now called ${successor.environment}`);
    return problems;
  });
}

function unknownFlags(flags: Flags): string[] {
  const known = new Set([...allSettings, ...formerSettings].map(({ flag }) => camelCase(flag)));
  return Object.keys(flags)
    .filter((name) => flags[name] !== undefined && !known.has(name))
    .map((name) => `${kebabCase(name)}: no such setting (sitq serve --help lists them)`);
}

/**
 * What Kubernetes puts into every container beside a Service that is named `sitq`; no operator set it, and it must not stop the
 * server. https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
const serviceLink = /^SITQ_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$/;

function unknownNames(environment: Environment, otherNames: readonly string[]): string[] {
  const known = new Set([...allSettings, ...formerSettings].map(({ environment: name }) => name).concat(otherNames));
  return Object.keys(environment)
    .filter((name) => name.startsWith("SITQ_") && !known.has(name) && !serviceLink.test(name))
    .sort()
    .map((name) => `${name}: no such setting (sitq serve --help lists them)`);
}

/** `--lease-duration` → `leaseDuration`, as commander names it. */
function camelCase(flag: string): string {
  return flag.replace(/^--/, "").replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function kebabCase(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
