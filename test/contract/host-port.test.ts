import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  callAddresses,
  callAddressProblem,
  formatHostPort,
  isLoopback,
  parseHostPort,
} from "../../src/contract/host-port.ts";

describe("parseHostPort", () => {
  test.each([
    ["localhost:50051", "localhost", 50_051],
    ["a-b.example:1", "a-b.example", 1],
    ["0.0.0.0:0", "0.0.0.0", 0],
    ["my_container_1:80", "my_container_1", 80],
    ["sitq.default.svc.cluster.local.:50051", "sitq.default.svc.cluster.local.", 50_051],
    ["[::]:0", "::", 0],
    ["[fe80::1%eth0]:7", "fe80::1%eth0", 7],
    ["[::ffff:127.0.0.1]:7", "::ffff:127.0.0.1", 7],
  ])("reads %s", (text, host, port) => {
    expect(parseHostPort(text)).toEqual({ host, port });
  });

  test.each([
    "",
    ":",
    ":1",
    "host",
    "host:",
    "host:-1",
    "host:65536",
    "host:000001",
    "host:1 ",
    " host:1",
    "ho st:1",
    "-host:1",
    "host-:1",
    "a..b:1",
    "1.2.3:1",
    "1.2.3.4.5:1",
    "256.1.1.1:1",
    "::1:1",
    "[::1]",
    "[]:1",
    "[127.0.0.1]:1",
    "[::g]:1",
    "http://host:1",
    ".:1",
    "a..:1",
    `${"a".repeat(64)}:1`,
    `${"a.".repeat(127)}aa:1`,
  ])("refuses %j", (text) => {
    expect(parseHostPort(text)).toBeUndefined();
  });

  test("reads what formatHostPort writes", () => {
    const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain());
    fc.assert(
      fc.property(host, fc.integer({ min: 0, max: 65_535 }), (name, port) => {
        expect(parseHostPort(formatHostPort({ host: name, port }))).toEqual({ host: name, port });
      }),
    );
  });
});

test.each([
  ["127.0.0.1", true],
  ["127.255.0.7", true],
  ["::1", true],
  ["0:0:0:0:0:0:0:1", true],
  ["::ffff:127.0.0.1", true],
  ["localhost", true],
  ["LocalHost", true],
  ["sitq.localhost", true],
  ["0.0.0.0", false],
  ["::", false],
  ["128.0.0.1", false],
  ["10.0.0.1", false],
  ["::2", false],
  ["::ffff:10.0.0.1", false],
  ["localhost.example.com", false],
  ["notlocalhost", false],
])("only this machine reaches %s: %s", (host, expected) => {
  expect(isLoopback({ host, port: 1 })).toBe(expected);
});

test.each([
  "127.0.0.1:1",
  "[::1]:50051",
  "my_host:50051",
  "unix:/run/sitq.sock",
  "dns:///sitq:50051",
  "sitq:///orders",
  "a:1,b:1",
  "a:1,[::1]:1,a:2",
  "dns:a:1,dns:b:1",
  "ipv4:10.0.0.1:1,10.0.0.2:1",
  "unix:/run/a.sock,unix:/run/b.sock",
])("a client can call %s", (text) => expect(callAddressProblem(text)).toBeUndefined());

test.each([
  ["https://sitq:1", "leave out https://"],
  ["HTTP://sitq:1", "leave out HTTP://"],
  ["", "expected HOST:PORT"],
  ["sitq", "expected HOST:PORT"],
  ["sitq:0", "expected HOST:PORT"],
  ["::1:50051", "expected HOST:PORT"],
  ["a:1,", "there is no address at place 2"],
  [",a:1", "there is no address at place 1"],
  ["a:1,,b:1", "there is no address at place 2"],
  ["a:1,b", '"b": expected HOST:PORT'],
  ["a:1, b:1", '" b:1": expected HOST:PORT'],
  ["a:1,https://b:1", '"https://b:1": leave out https://'],
  ["a:1,b:1,a:1", '"a:1": given twice'],
  ["a:1,dns:b:1", '"dns:b:1": give all addresses with the same scheme'],
  ["unix:/run/a.sock,b:1", '"b:1": give all addresses with the same scheme'],
])("a client cannot call %j: %s", (text, problem) => {
  expect(callAddressProblem(text)).toContain(problem);
});

test.each([
  ["a:1", ["a:1"]],
  ["a:1,b:1", ["a:1", "b:1"]],
  ["ipv4:10.0.0.1:1,10.0.0.2:1", ["ipv4:10.0.0.1:1", "ipv4:10.0.0.2:1"]],
  ["ipv4:10.0.0.1:1,ipv4:10.0.0.2:1", ["ipv4:10.0.0.1:1", "ipv4:10.0.0.2:1"]],
])("the addresses in %s", (text, expected) => expect(callAddresses(text)).toEqual(expected));
