/**
 * Generates the stubs of the clients in other languages from proto/: with `--check` it fails if what is committed differs, and changes
 * nothing. A language whose toolchain is not installed is skipped, with the reason; in CI that is a failure.
 */

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** One language. */
interface Generator {
  readonly language: string;
  /** What is generated, below the root of the repository. */
  readonly directory: string;
  /** Installs the generator's plugins in `.tools/`. Answers why it cannot; `null`: it has. */
  prepare(): string | null;
  /** Writes the directory below `root`. */
  generate(root: string): void;
}

const go: Generator = {
  language: "Go",
  directory: "clients/go/sitqv1",
  prepare: () =>
    installGo("google.golang.org/protobuf/cmd/protoc-gen-go", "v1.36.12") ??
    installGo("google.golang.org/grpc/cmd/protoc-gen-go-grpc", "v1.6.2"),
  // By its name, which `npm run` finds in node_modules/.bin. Only the local plugins take part: no network.
  generate: (root) =>
    run("buf", ["generate", "--template", "clients/go/buf.gen.yaml", "--path", "proto/sitq", "--output", root]),
};

/** The same in the lock of what `clients/python/check` installs. */
const grpcioTools = "1.85.1";

const python: Generator = {
  language: "Python",
  directory: "clients/python/src/sitq/v1",
  prepare: () => installPython(`grpcio-tools==${grpcioTools}`),
  // The modules import each other as sitq.v1, which is where they are.
  generate(root) {
    const out = join(root, "clients/python/src");
    mkdirSync(out, { recursive: true });
    const files = readdirSync("proto/sitq/v1").map((name) => `proto/sitq/v1/${name}`);
    const from = ["-I", "proto", "-I", "proto-standard"];
    run(".tools/python-generate/bin/python", ["-m", "grpc_tools.protoc", ...from, ...into(out), ...files]);
    writeFileSync(join(out, "sitq/v1/__init__.py"), '"""The messages of the contract, as generated from proto/."""\n');
  },
};

const into = (out: string): string[] => [`--python_out=${out}`, `--pyi_out=${out}`];

const rust: Generator = {
  language: "Rust",
  directory: "clients/rust/src/contract",
  prepare: () => (spawnSync("cargo", ["--version"]).status === 0 ? null : "cargo is not installed"),
  // The generator is a program of the workspace, whose lock pins it.
  generate(root) {
    const directory = mkdtempSync(join(tmpdir(), "sitq-descriptors-"));
    try {
      const descriptors = join(directory, "sitq.binpb");
      run("buf", ["build", "--path", "proto/sitq", "--as-file-descriptor-set", "--output", descriptors]);
      const to = resolve(root, "clients/rust/src/contract");
      const program = ["--quiet", "--locked", "--manifest-path", "clients/rust/Cargo.toml", "--package", "generate"];
      run("cargo", ["run", ...program, "--", descriptors, to]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  },
};

const java: Generator = {
  language: "Java",
  directory: "clients/java/stubs",
  prepare: () => installMaven("com.google.protobuf", protoc) ?? installMaven("io.grpc", protocGenGrpcJava),
  generate(root) {
    const out = "clients/java/stubs";
    const plugins = [
      { protoc_builtin: "java", protoc_path: mavenProgram(protoc), out },
      { local: mavenProgram(protocGenGrpcJava), out, opt: "@generated=omit" },
    ];
    const template = JSON.stringify({ version: "v2", clean: true, plugins });
    run("buf", ["generate", "--template", template, "--path", "proto/sitq", "--output", root]);
  },
};

/** A program that Maven has for each platform. */
interface MavenProgram {
  readonly artifact: string;
  readonly version: string;
}

/** Of the protobuf-java that grpc-protobuf brings. */
const protoc: MavenProgram = { artifact: "protoc", version: "3.25.9" };
const protocGenGrpcJava: MavenProgram = { artifact: "protoc-gen-grpc-java", version: "1.80.0" };

const generators: readonly Generator[] = [go, python, java, rust];

const systems: Readonly<Record<string, string>> = { linux: "linux", darwin: "osx", win32: "windows" };
const processors: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch_64" };
const classifier = `${systems[process.platform]}-${processors[process.arch]}`;

function mavenProgram({ artifact, version }: MavenProgram): string {
  return `.tools/java/${artifact}-${version}-${classifier}.exe`;
}

/** Installs a program in `.tools/java`, unless it is there. */
function installMaven(group: string, program: MavenProgram): string | null {
  const path = mavenProgram(program);
  if (existsSync(path)) return null;
  if (spawnSync("mvn", ["--version"]).status !== 0) return "Maven is not installed";
  const { artifact, version } = program;
  const copied = spawnSync(
    "mvn",
    [
      "--quiet",
      "--batch-mode",
      "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy",
      `-Dartifact=${group}:${artifact}:${version}:exe:${classifier}`,
      `-DoutputDirectory=${resolve(".tools/java")}`,
    ],
    { stdio: "inherit" },
  );
  if (copied.status !== 0) return `${artifact} ${version} cannot be installed`;
  chmodSync(path, 0o755);
  return null;
}

/** Installs a package in a virtual environment of its own, unless it is there. */
function installPython(requirement: string): string | null {
  if (spawnSync("python3", ["-m", "venv", "--help"]).status !== 0) return "python3 with venv is not installed";
  const venv = ".tools/python-generate";
  const pip = join(venv, "bin/pip");
  const found = spawnSync(pip, ["freeze"], { encoding: "utf8" });
  if (found.status === 0 && found.stdout.split("\n").includes(requirement)) return null;
  const made = spawnSync("python3", ["-m", "venv", "--clear", venv], { stdio: "inherit" });
  const installed = made.status === 0 && spawnSync(pip, ["install", "--quiet", requirement], { stdio: "inherit" });
  return installed && installed.status === 0 ? null : `${requirement} cannot be installed`;
}

/** Installs a program of a Go module in `.tools/bin`, unless it is there. */
function installGo(module: string, version: string): string | null {
  if (spawnSync("go", ["version"]).status !== 0) return "go is not installed";
  const name = module.split("/").at(-1) ?? "";
  const bin = resolve(".tools/bin");
  const found = spawnSync("go", ["version", "-m", join(bin, name)], { encoding: "utf8" });
  if (found.status === 0 && found.stdout.split(/\s+/).includes(version)) return null;
  const installed = spawnSync("go", ["install", `${module}@${version}`], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, GOBIN: bin },
  });
  return installed.status === 0 ? null : `${name} ${version} cannot be installed`;
}

function run(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: "inherit" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed`, { cause: error });
}

function filesBelow(directory: string): Map<string, string> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter(
    // Python keeps what it has compiled beside its sources.
    (entry) => entry.isFile() && !entry.parentPath.endsWith("__pycache__"),
  );
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.map((path) => [path.slice(directory.length + 1), readFileSync(path, "utf8")]));
}

/** Fails if what is committed is not what the generator writes. */
function check(generator: Generator): void {
  const scratch = mkdtempSync(join(tmpdir(), "sitq-stubs-"));
  try {
    generator.generate(scratch);
    const wanted = filesBelow(join(scratch, generator.directory));
    const found = filesBelow(generator.directory);
    const differences = [...new Set([...wanted.keys(), ...found.keys()])].filter(
      (path) => wanted.get(path) !== found.get(path),
    );
    if (differences.length === 0) {
      console.log(`${generator.directory} is up to date: ${found.size} files.`);
      return;
    }
    const list = differences.sort().map((path) => `  ${generator.directory}/${path}`);
    console.error(`${generator.directory} is not what proto/ generates. Run: npm run generate\n${list.join("\n")}`);
    process.exitCode = 1;
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

const isCheck = process.argv.includes("--check");
for (const generator of generators) {
  const reason = generator.prepare();
  if (reason === null) {
    if (isCheck) check(generator);
    else generator.generate(".");
  } else {
    console.error(`SKIPPED: the stubs of ${generator.language} are not generated: ${reason}.`);
    if (process.env.CI) process.exitCode = 1;
  }
}
