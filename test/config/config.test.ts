import { Command } from "commander";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigError, type Environment, type Flags, readConfig } from "../../src/config/config.ts";
import type { Setting } from "../../src/config/setting.ts";
import { type Config, servesReflection, settings, usage } from "../../src/config/settings.ts";

function problemsOf(flags: Flags, environment: Environment = {}, otherNames?: readonly string[]): readonly string[] {
  try {
    readConfig(flags, environment, otherNames);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** For every setting: how its values may be written, and what they then are; and what is refused. */
const tables: { [Field in keyof Config]: { good: [string, Config[Field]][]; bad: string[] } } = {
  listen: {
    good: [
      ["localhost:0", { host: "localhost", port: 0 }],
      ["127.0.0.1:65535", { host: "127.0.0.1", port: 65_535 }],
      ["[::1]:50051", { host: "::1", port: 50_051 }],
    ],
    bad: ["", "localhost", ":50051", "localhost:65536", "localhost:x", "::1:50051", "[localhost]:1", "300.0.0.1:1"],
  },
  http: {
    good: [
      ["on", "on"],
      ["off", "off"],
    ],
    bad: ["", "true"],
  },
  httpAllowedOrigins: {
    good: [
      ["none", []],
      ["https://a.example, http://localhost:5173", ["https://a.example", "http://localhost:5173"]],
    ],
    bad: ["", "*", "a.example", "https://a.example/", "https://A.example", "ftp://a.example"],
  },
  tlsCertPath: { good: [["none", null]], bad: ["", ":memory:"] },
  tlsKeyPath: { good: [["none", null]], bad: ["", "a\0b"] },
  tlsClientCaPath: { good: [["none", null]], bad: [""] },
  tlsClientAuth: { good: [["none", "none"]], bad: ["", "required", "yes"] },
  auth: {
    good: [
      ["on", "on"],
      ["off", "off"],
    ],
    bad: ["", "true", "ON"],
  },
  bootstrapTokenFilePath: { good: [["none", null]], bad: ["", "a\0b"] },
  jwtIssuer: { good: [["none", null]], bad: ["", "a\nb"] },
  jwtAudience: { good: [["none", null]], bad: ["", "a\0b"] },
  jwtJwks: {
    good: [["none", null]],
    bad: ["", "http://issuer.test/keys", "https://"],
  },
  jwtAlgorithms: {
    good: [
      ["ES256", ["ES256"]],
      ["RS256, EdDSA", ["RS256", "EdDSA"]],
    ],
    bad: ["", "none", "HS256", "ES256,HS256", "es256"],
  },
  jwtPrincipalClaim: { good: [["client_id", "client_id"]], bad: [""] },
  jwtGrantsClaim: { good: [["grants", "grants"]], bad: [""] },
  reflection: {
    good: [
      ["auto", "auto"],
      ["on", "on"],
      ["off", "off"],
    ],
    bad: ["", "true", "loopback"],
  },
  insecure: {
    good: [
      ["true", true],
      ["1", true],
      ["false", false],
      ["0", false],
    ],
    bad: ["", "yes", "TRUE", "2"],
  },
  storeUrl: {
    good: [
      ["none", null],
      [
        "postgres://sitq:secret@db.example:5433/sitq?schema=jobs",
        "postgres://sitq:secret@db.example:5433/sitq?schema=jobs",
      ],
      ["postgresql://db/sitq", "postgresql://db/sitq"],
    ],
    bad: ["", "sitq.db", "mysql://db/sitq", "postgres://", "postgres://db", "postgres://db/", "postgres://db/a\nb"],
  },
  dbPath: { good: [["/var/lib/sitq/tasks.db", "/var/lib/sitq/tasks.db"]], bad: ["", ":memory:", "a\0b"] },
  advertise: {
    good: [
      ["none", null],
      ["sitq-2.internal:50051", { host: "sitq-2.internal", port: 50_051 }],
    ],
    bad: [
      "",
      "sitq-2.internal",
      "sitq-2.internal:70000",
      "sitq-2.internal:0",
      "0.0.0.0:50051",
      "[::]:50051",
      "[0::0]:50051",
    ],
  },
  synchronous: {
    good: [
      ["full", "full"],
      ["normal", "normal"],
    ],
    bad: ["", "off", "FULL"],
  },
  diskReserveBytes: {
    good: [
      ["0", 0],
      ["64MiB", 67_108_864],
    ],
    bad: ["", "-1", "2GiB", "1GB"],
  },
  acceptMissingWal: { good: [["true", true]], bad: ["", "yes"] },
  leaseDurationMs: {
    good: [
      ["30s", 30_000],
      ["12h", 43_200_000],
      ["1.5m", 90_000],
    ],
    bad: ["", "30", "999ms", "43201s", "30 s", "-30s", "30S", "1e3s", "30sec", "Infinitys", "30.0005s"],
  },
  heartbeatIntervalMs: { good: [["100ms", 100]], bad: ["99ms", "5h", "10", "0"] },
  drainGraceMs: {
    good: [
      ["0", 0],
      ["0s", 0],
      ["1h", 3_600_000],
    ],
    bad: ["3601s", "10", "0x0"],
  },
  maxPayloadBytes: {
    good: [
      ["1KiB", 1_024],
      ["1536KiB", 1_572_864],
      ["0.5MiB", 524_288],
      ["2048", 2_048],
      ["2048B", 2_048],
    ],
    bad: ["", "1023", "3145729", "1MB", "1 MiB", "1mib", "-1MiB", "0.0001KiB"],
  },
  maxQueueDepth: {
    good: [
      ["1", 1],
      ["1000000000", 1_000_000_000],
    ],
    bad: ["", "0", "1000000001", "1.5", "1e6", "-1", "ten", "9999999999999999999999"],
  },
  eventRetentionMs: {
    good: [
      ["1m", 60_000],
      ["720h", 2_592_000_000],
    ],
    bad: ["", "59s", "87841h", "7", "forever"],
  },
  auditRetentionMs: {
    good: [
      ["1h", 3_600_000],
      ["90d", 7_776_000_000],
    ],
    bad: ["", "59m", "3661d", "0"],
  },
  retentionIntervalMs: { good: [["24h", 86_400_000]], bad: ["0", "999ms", "25h", "60"] },
  workflowRetentionMs: {
    good: [
      ["0", 0],
      ["168h", 604_800_000],
      ["7d", 604_800_000],
    ],
    bad: ["1", "3661d", "-1h"],
  },
  maxReceiveBytes: { good: [["64MiB", 67_108_864]], bad: ["127KiB", "65MiB", "x"] },
  maxUnfinishedBytes: { good: [["1MiB", 1_048_576]], bad: ["1023KiB", "5GiB"] },
  maxWaitingCalls: { good: [["100", 100]], bad: ["0", "1000001", "1k"] },
  maxWaitingBytes: { good: [["1MiB", 1_048_576]], bad: ["1023KiB", "5GiB"] },
  maxWatchers: { good: [["100", 100]], bad: ["0", "1000001", "1k"] },
  maxWatchersPerPrincipal: { good: [["100", 100]], bad: ["0", "1000001", "1k"] },
  maxConnectionsPerAddress: { good: [["100", 100]], bad: ["0", "1000001", "1k"] },
  maxConnectionsPerPrincipal: { good: [["100", 100]], bad: ["0", "1000001", "1k"] },
  maxFailedSignIns: { good: [["100", 100]], bad: ["1", "1000001", "1k"] },
  maxIdleMessages: { good: [["20", 20]], bad: ["9", "1000001", "1k"] },
  maxConnections: { good: [["100", 100]], bad: ["0", "1000001", "1k"] },
  maxConcurrentStreams: { good: [["32", 32]], bad: ["0", "1000001", "1k"] },
  maxSessionMemoryBytes: { good: [["4GiB", 4_294_967_296]], bad: ["64", "1023KiB", "5GiB"] },
  maxIdlePings: { good: [["20", 20]], bad: ["9", "1000001", "1k"] },
  maxHeaderBytes: { good: [["64KiB", 65_536]], bad: ["4095", "65KiB", "x"] },
  maxHeaderFields: { good: [["32", 32]], bad: ["31", "1001", "1k"] },
  firstMessageTimeoutMs: { good: [["500ms", 500]], bad: ["0", "99ms", "11m"] },
  connectionIdleTimeoutMs: { good: [["1h", 3_600_000]], bad: ["0", "25h"] },
  keepaliveTimeMs: { good: [["1s", 1_000]], bad: ["0", "500ms", "3h"] },
  keepaliveTimeoutMs: { good: [["20s", 20_000]], bad: ["0", "11m"] },
  console: {
    good: [
      ["on", "on"],
      ["off", "off"],
    ],
    bad: ["", "true"],
  },
  metrics: {
    good: [
      ["on", "on"],
      ["off", "off"],
    ],
    bad: ["", "true"],
  },
  metricsQueues: { good: [["1", 1]], bad: ["0", "10001", "all"] },
  logLevel: {
    good: [
      ["silent", "silent"],
      ["trace", "trace"],
    ],
    bad: ["", "INFO", "verbose", "30"],
  },
  logFormat: {
    good: [
      ["json", "json"],
      ["text", "text"],
    ],
    bad: ["", "JSON", "pretty"],
  },
};

const fields = Object.entries<Setting<unknown>>(settings);
const flagName = (setting: Setting<unknown>) =>
  setting.flag.slice(2).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

test("without a word, every setting has its default", () => {
  expect(readConfig({}, {})).toEqual(
    Object.fromEntries(fields.map(([field, { defaultValue }]) => [field, defaultValue])),
  );
});

test("the promised defaults", () => {
  expect(readConfig({}, {})).toMatchObject({
    listen: { host: "127.0.0.1", port: 50_051 },
    dbPath: "./sitq.db",
    storeUrl: null,
    synchronous: "full",
    auth: "off",
    insecure: false,
    leaseDurationMs: 30_000,
    heartbeatIntervalMs: 10_000,
    maxPayloadBytes: 1_048_576,
    logLevel: "info",
    logFormat: "auto",
  });
});

describe.each(fields)("%s", (field, setting) => {
  const { good, bad } = tables[field as keyof Config];

  test.each<[string, unknown]>(good)("takes %j", (text, value) => {
    // The settings that must fit this one are far out of its way.
    const others: Flags = field === "leaseDurationMs" ? { heartbeatInterval: "100ms" } : {};
    expect(readConfig({ ...others, [flagName(setting)]: text }, {})).toHaveProperty(field, value);
    expect(readConfig(others, { [setting.environment]: text })).toHaveProperty(field, value);
  });

  test.each(bad)("refuses the flag %j and says what is expected", (text) => {
    const problems = problemsOf({ [flagName(setting)]: text });
    expect(problems).toEqual([expect.stringContaining(`${setting.flag}: expected ${setting.kind.expected}`)]);
  });

  test.each(bad.filter((text) => text !== ""))("refuses the variable %j and says what is expected", (text) => {
    const problems = problemsOf({}, { [setting.environment]: text });
    expect(problems).toEqual([expect.stringContaining(`${setting.environment}: expected ${setting.kind.expected}`)]);
  });

  test("has a default that can be written and read", () => {
    expect(setting.kind.parse(setting.kind.format(setting.defaultValue))).toEqual(setting.defaultValue);
  });

  test("has a field that says its name and its unit", () => {
    const unit = { DURATION: "Ms", SIZE: "Bytes", FILE: "Path", URL: "Url" }[setting.kind.placeholder] ?? "";
    expect(field).toBe(flagName(setting).replace(/Bytes$/, "") + unit);
  });
});

test("a flag goes before the environment", () => {
  const environment = { SITQ_LEASE_DURATION: "2m", SITQ_DRAIN_GRACE: "5s", SITQ_INSECURE: "true" };
  const config = readConfig({ leaseDuration: "1m", insecure: "false" }, environment);
  expect(config).toMatchObject({ leaseDurationMs: 60_000, drainGraceMs: 5_000, insecure: false });
});

test("an empty variable counts as not set, and other programs' variables do not count", () => {
  expect(readConfig({}, { SITQ_DB: "", PATH: "/bin", OTHER_SITQ_DB: "x" }).dbPath).toBe("./sitq.db");
});

test("everything that is wrong is reported at once", () => {
  const everyFlag = Object.fromEntries(fields.map(([, setting]) => [flagName(setting), "\u001b[31m?\0"]));
  const everyVariable = Object.fromEntries(fields.map(([, { environment }]) => [environment, "?\0"]));
  const problems = problemsOf(
    { ...everyFlag, colour: "red" },
    { ...everyVariable, SITQ_LISTN: "127.0.0.1:1", SITQ_: "x" },
  );
  for (const [, { flag, environment }] of fields) {
    expect(problems.filter((problem) => problem.startsWith(`${flag}: `))).toHaveLength(1);
    expect(problems.filter((problem) => problem.startsWith(`${environment}: `))).toHaveLength(1);
  }
  expect(problems).toHaveLength(fields.length * 2 + 3);
  expect(problems).toContainEqual(expect.stringMatching(/^--colour: no such setting/));
  expect(problems).toContainEqual(expect.stringMatching(/^SITQ_LISTN: no such setting/));
  expect(problems.join("")).not.toContain("\u001b");
});

test("a setting of an earlier version is refused with its new name", () => {
  expect(problemsOf({ allowRemote: true }, { SITQ_ALLOW_REMOTE: "true" })).toEqual([
    "--allow-remote: it is now called --insecure",
    "SITQ_ALLOW_REMOTE: it is now called SITQ_INSECURE",
  ]);
  expect(problemsOf({}, { SITQ_ALLOW_REMOTE: "" })).toEqual([]);
});

test("the message has a line for each problem", () => {
  const error = new ConfigError(problemsOf({ leaseDuration: "30", logLevel: "loud" }));
  expect(error.message).toBe(
    [
      "2 settings are wrong:",
      "  --lease-duration: expected a duration from 1s to 12h " +
        '(a number with its unit: 500ms, 30s, 10m, 1h, 7d, 2w), not "30"',
      '  --log-level: expected one of silent, fatal, error, warn, info, debug, trace, not "loud"',
    ].join("\n"),
  );
});

test("a very long value is cut in the report", () => {
  expect(problemsOf({ logLevel: "x".repeat(100_000) })[0]?.length).toBeLessThan(300);
});

test.each([
  "SITQ_SERVICE_HOST",
  "SITQ_SERVICE_PORT",
  "SITQ_SERVICE_PORT_GRPC",
  "SITQ_PORT",
  "SITQ_PORT_50051_TCP",
  "SITQ_PORT_50051_TCP_ADDR",
])("what Kubernetes sets beside a Service called sitq is passed over: %s", (name) => {
  expect(problemsOf({}, { [name]: "tcp://10.0.0.1:50051" })).toEqual([]);
});

test("names that belong to somebody else are passed over if they are said", () => {
  expect(problemsOf({}, { SITQ_ADDRESS: "x" }, ["SITQ_ADDRESS"])).toEqual([]);
  expect(problemsOf({}, { SITQ_ADDRESS: "x" })).toHaveLength(1);
});

describe("what must fit together", () => {
  test.each<[string, Flags, string]>([
    ["heartbeats come too seldom", { heartbeatInterval: "10001ms" }, "expected at most 10s"],
    ["the lease is too short", { leaseDuration: "20s" }, "expected at most 6.666s"],
    ["the largest payload has no room", { maxReceiveBytes: "1MiB" }, "expected at least 1088KiB"],
    ["any address can be reached", { listen: "0.0.0.0:50051" }, "--insecure (SITQ_INSECURE=true)"],
    ["any IPv6 address can be reached", { listen: "[::]:50051" }, "other machines can reach [::]:50051"],
    ["a name can be reached", { listen: "tasks.example.com:50051" }, "other machines can reach"],
  ])("%s", (_, flags, text) => {
    expect(problemsOf(flags)).toEqual([expect.stringContaining(text)]);
  });

  test.each<[string, Flags, string]>([
    ["metrics without HTTP", { metrics: "on", http: "off" }, "--metrics: expected --http on with it"],
    ["a certificate without a key", { tlsCert: "c.pem" }, "--tls-cert: expected --tls-key with it"],
    ["a key without a certificate", { tlsKey: "k.pem" }, "--tls-key: expected --tls-cert with it"],
    ["a client CA without TLS", { tlsClientCa: "ca.pem" }, "--tls-client-ca: expected --tls-cert with it"],
    ["client certificates without a CA", { tlsClientAuth: "require" }, "expected --tls-client-ca with it"],
    ["client certificates without a CA, optional", { tlsClientAuth: "optional" }, "expected --tls-client-ca with it"],
    ["TLS alone on an open address", { listen: "0.0.0.0:1", tlsCert: "c", tlsKey: "k" }, "; set --auth on, or listen"],
    ["authentication alone", { listen: "0.0.0.0:1", auth: "on" }, "; set --tls-cert and --tls-key, or listen"],
    ["neither", { listen: "0.0.0.0:1" }, "; set --tls-cert and --tls-key and --auth on, or listen"],
  ])("%s", (_, flags, text) => {
    expect(problemsOf(flags)).toEqual([expect.stringContaining(text)]);
  });

  test("JWTs need an issuer, an audience, its keys, and authentication", () => {
    const jwt = { jwtIssuer: "https://issuer.test", jwtAudience: "sitq", jwtJwks: "keys.json" };
    expect(problemsOf({ ...jwt, auth: "on" })).toEqual([]);
    expect(problemsOf({ ...jwt, jwtJwks: "http://[::1]:80/keys", auth: "on" })).toEqual([]);
    expect(problemsOf(jwt)).toEqual(["--jwt-issuer: expected --auth on with it"]);
    const together = "--jwt-issuer: expected --jwt-issuer, --jwt-audience and --jwt-jwks together";
    expect(problemsOf({ jwtAudience: "sitq", auth: "on" })).toEqual([together]);
  });

  test("TLS and authentication together open any address", () => {
    const flags = { listen: "0.0.0.0:50051", auth: "on", tlsCert: "c.pem", tlsKey: "k.pem" };
    expect(problemsOf(flags)).toEqual([]);
    expect(problemsOf({ ...flags, tlsClientCa: "ca.pem", tlsClientAuth: "optional" })).toEqual([]);
    expect(problemsOf({ ...flags, tlsClientCa: "ca.pem", tlsClientAuth: "none" })).toEqual([]);
  });

  test("--insecure allows it", () => {
    expect(problemsOf({ listen: "0.0.0.0:50051", insecure: true })).toEqual([]);
    expect(problemsOf({ listen: "0.0.0.0:50051" }, { SITQ_INSECURE: "1" })).toEqual([]);
  });

  test("is reported beside bad values, unless it hangs on one of them", () => {
    const problems = problemsOf({ listen: "0.0.0.0:1", leaseDuration: "?", heartbeatInterval: "4h" });
    expect(problems).toHaveLength(2);
    expect(problems).toContainEqual(expect.stringMatching(/^--lease-duration/));
    expect(problems).toContainEqual(expect.stringMatching(/^--listen: other machines/));
  });

  test("a heartbeat interval passes if and only if three fit into the lease", () => {
    const milliseconds = fc.integer({ min: 1_000, max: 43_200_000 });
    fc.assert(
      fc.property(milliseconds, milliseconds, (lease, heartbeat) => {
        fc.pre(heartbeat <= 14_400_000);
        const problems = problemsOf({ leaseDuration: `${lease}ms`, heartbeatInterval: `${heartbeat}ms` });
        expect(problems).toHaveLength(heartbeat * 3 <= lease ? 0 : 1);
      }),
    );
  });
});

describe("commander", () => {
  function parse(...argv: string[]): Config {
    const command = new Command().exitOverride();
    for (const [, setting] of fields) {
      const { flags, description } = usage(setting);
      command.option(flags, description);
    }
    return readConfig(command.parse(argv, { from: "user" }).opts(), {});
  }

  test("declares every flag from the table, and its answers can be read", () => {
    for (const [field, setting] of fields) {
      const text = setting.kind.format(setting.defaultValue);
      expect(parse(setting.flag, text)).toHaveProperty(field, setting.defaultValue);
    }
    expect(parse("--insecure").insecure).toBe(true);
    expect(parse("--max-session-memory=1MiB").maxSessionMemoryBytes).toBe(1_048_576);
  });

  test("shows what a value may be, the default and the variable", () => {
    expect(usage(settings.leaseDurationMs)).toEqual({
      flags: "--lease-duration <DURATION>",
      description:
        "How long a worker may be silent before its tasks are given to others. " +
        "(a duration from 1s to 12h; default 30s; SITQ_LEASE_DURATION)",
    });
    expect(usage(settings.insecure).flags).toBe("--insecure [true|false]");
  });
});

test("wants room for heartbeats among the messages without work", () => {
  expect(problemsOf({ maxIdleMessages: "11" })).toEqual([
    "--max-idle-messages: 11 is too few for the heartbeats of --heartbeat-interval (10s); expected at least 12",
  ]);
  expect(readConfig({ maxIdleMessages: "12" }, {})).toMatchObject({ maxIdleMessages: 12 });
});

test.each([
  ["auto", "127.0.0.1", true],
  ["auto", "::1", true],
  ["auto", "localhost", true],
  ["auto", "0.0.0.0", false],
  ["auto", "::", false],
  ["auto", "sitq.internal", false],
  ["on", "0.0.0.0", true],
  ["off", "127.0.0.1", false],
] as const)("reflection %s on %s is %s", (reflection, host, isOn) => {
  expect(servesReflection({ reflection, listen: { host, port: 1 } })).toBe(isOn);
});
