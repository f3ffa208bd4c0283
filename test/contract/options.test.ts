import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const contract = readdirSync("proto", { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".proto"));

test("proto/ holds the contract and nothing that other languages have packages for", () => {
  expect(contract.length).toBeGreaterThan(5);
  expect(contract.filter((name) => !/^sitq\/v1\/[a-z_]+\.proto$/.test(name))).toEqual([]);
});

describe.each(contract)("%s", (name) => {
  const text = readFileSync(`proto/${name}`, "utf8");
  const outer = name
    .replace(/^.*\/|\.proto$/g, "")
    .split("_")
    .map((word) => word[0]?.toUpperCase() + word.slice(1))
    .join("");

  test.each([
    'csharp_namespace = "Sitq.V1"',
    'go_package = "github.com/sitq/sitq/clients/go/sitqv1;sitqv1"',
    "java_multiple_files = true",
    `java_outer_classname = "${outer}Proto"`,
    'java_package = "com.sitq.v1"',
    'objc_class_prefix = "SITQ"',
    'php_metadata_namespace = "Sitq\\\\V1\\\\GPBMetadata"',
    'php_namespace = "Sitq\\\\V1"',
    'ruby_package = "Sitq::V1"',
    'swift_prefix = "Sitq"',
  ])("has option %s", (option) => {
    expect(text).toContain(`\noption ${option};\n`);
  });
});
