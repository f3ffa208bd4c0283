import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const manifest: {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
} = JSON.parse(readFileSync("package.json", "utf8"));

const page = readFileSync("docs/dependencies.md", "utf8");
const [, atRunTime = "", forDevelopment = "", ofClients = ""] = page.split(/^## .*$/m);

/** The names that have a line: `- \`name\` (licence): reason`. */
function named(section: string): string[] {
  return [...section.matchAll(/^- `([^`]+)` \([^)]+\): \S.*\.$/gm)].map((match) => match[1] ?? "");
}

test("every dependency has a line with its licence and its reason, and no other has one", () => {
  expect(named(atRunTime)).toEqual(Object.keys(manifest.dependencies));
  expect(named(forDevelopment)).toEqual(Object.keys(manifest.devDependencies));
  expect(page.match(/^- /gm)).toHaveLength(named(page).length);
});

test("every direct dependency of a client in another language has a line", () => {
  const modules = ["clients/go/go.mod", "clients/go/sitqotel/go.mod", "clients/go/sitqorca/go.mod"]
    .map((path) => readFileSync(path, "utf8"))
    .join("");
  const direct = [...modules.matchAll(/^\t(\S+) v\S+$/gm)].map((match) => match[1] ?? "");
  const project = readFileSync("clients/python/pyproject.toml", "utf8");
  direct.push(
    ...[...project.matchAll(/^ *(?:[\w-]+ = \[|requires = \[)?"([\w-]+)>=/gm)].map((match) => match[1] ?? ""),
  );
  const tools = ["clients/python/requirements.txt", "interop/python/requirements.txt"]
    .map((path) => readFileSync(path, "utf8"))
    .join("");
  direct.push(...[...tools.matchAll(/^([\w-]+)==/gm)].map((match) => match[1] ?? ""));
  const pom = ["clients/java/pom.xml", "interop/java/pom.xml"].map((path) => readFileSync(path, "utf8")).join("");
  direct.push(...[...pom.matchAll(/<(?:dependency|path)>.*?<artifactId>(.*?)</gs)].map((match) => match[1] ?? ""));
  expect(direct.length).toBeGreaterThan(18);
  const others = direct.filter((name) => name !== "github.com/sitq/sitq/clients/go");
  expect(named(ofClients)).toEqual(expect.arrayContaining(others));
});

test("the licences are those that the packages state", () => {
  for (const [, name = "", licence = ""] of `${atRunTime}${forDevelopment}`.matchAll(/^- `([^`]+)` \(([^)]+)\)/gm)) {
    const { license }: { license: string } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8"));
    expect(`${name}: ${licence}`).toBe(
      `${name}: ${license.replace(/[()]/g, "").replace(/ (AND|OR) /g, (word) => word.toLowerCase())}`,
    );
  }
});

test("every version is exact", () => {
  for (const version of Object.values({ ...manifest.dependencies, ...manifest.devDependencies })) {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  }
});

test("the lockfile names no host that a package would be fetched from", () => {
  expect(readFileSync("package-lock.json", "utf8")).not.toMatch(/"resolved"|https?:\/\/[^"]*\.tgz/);
});
