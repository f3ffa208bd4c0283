import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { clients } from "../../interop/clients.ts";
import { type Column, interopPage, type Mark, marksIn, rows } from "../../interop/page.ts";

const page = readFileSync("docs/interop.md", "utf8");

test("the page has the behaviours and the clients, and every client has every behaviour but for its deviations", () => {
  const columns = clients.map((client): Column => {
    const marks = rows.map(({ id }): [string, Mark] => [id, client.deviations[id] === undefined ? "yes" : "no"]);
    return { ...client, marks: new Map(marks) };
  });
  expect(page).toBe(interopPage(columns));
});

test("what stands in the page is read back for a client that cannot be tried", () => {
  const marks = marksIn(page, "grpc-js-xds 1.14.1");
  expect(marks.size).toBe(rows.length);
  expect([marks.get("call"), marks.get("tls")]).toEqual(["yes", "no"]);
  expect(marksIn(page, "grpc-cobol").size).toBe(0);
});

test("deviations and conditions are of rows that there are", () => {
  const ids = rows.map(({ id }) => id);
  for (const { deviations, conditions } of clients) {
    expect(ids).toEqual(expect.arrayContaining([...Object.keys(deviations), ...Object.keys(conditions)]));
  }
});

test("the versions in the table are those that are built", () => {
  const go = readFileSync("interop/go/go.mod", "utf8");
  const python = readFileSync("interop/python/requirements.txt", "utf8");
  const java = readFileSync("interop/java/pom.xml", "utf8");
  const { devDependencies } = JSON.parse(readFileSync("package.json", "utf8"));
  expect(clients.map(({ name }) => name)).toEqual([
    `grpc-go ${/grpc v(\S+)/.exec(go)?.[1]}`,
    `grpcio ${/^grpcio==(\S+)/m.exec(python)?.[1]}`,
    `grpc-java ${/<grpc.version>(.*?)</.exec(java)?.[1]}`,
    `grpc-js-xds ${devDependencies["@grpc/grpc-js-xds"]}`,
  ]);
});

test("the code for each language in docs/discovery.md stands in the program that is tried", () => {
  const programs = {
    Go: ["interop/go/main.go", "interop/go/go.mod"],
    Python: ["interop/python/program.py", "interop/python/requirements.txt"],
    Java: ["interop/java/src/main/java/com/sitq/interop/Program.java", "interop/java/pom.xml"],
    Node: ["interop/node/program.ts"],
  };
  const discovery = readFileSync("docs/discovery.md", "utf8");
  for (const [language, paths] of Object.entries(programs)) {
    const [, section = ""] = new RegExp(`^### ${language}\n(.*?)^##`, "ms").exec(discovery) ?? [];
    const code = [...section.matchAll(/^```\w+\n(.*?)^```/gms)].flatMap(([, block = ""]) =>
      linesOf(block.replaceAll('"xds:///inventory"', "target")),
    );
    const lines = new Set(paths.flatMap((path) => linesOf(readFileSync(path, "utf8"))));
    expect(code.length, language).toBeGreaterThan(2);
    const version = clients.find((client) => client.language === language)?.name.split(" ")[1];
    expect(section).toContain(version);
    expect(code.filter((line) => !lines.has(line))).toEqual([]);
  }
});

function linesOf(text: string): string[] {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "" && line !== "…");
}
