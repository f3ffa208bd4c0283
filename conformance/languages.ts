import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

/** A language with a client, and its program. */
export interface Language {
  readonly name: string;
  /** A command that answers where the toolchain is installed; none is needed where that is Node. */
  readonly toolchain: readonly string[] | null;
  /** A command that builds the program or installs what it needs; `null`: nothing is to be done. */
  readonly build: readonly string[] | null;
  /** The command of the program. */
  readonly command: readonly string[];
  /** Rules that the language cannot keep, each with the reason. */
  readonly without: Readonly<Record<string, string>>;
}

/** All languages, in the order of the table. */
export const languages: readonly Language[] = [
  {
    name: "TypeScript",
    toolchain: null,
    build: null,
    command: [process.execPath, "conformance/programs/typescript.ts"],
    without: {
      "heartbeats-while-blocked": "JavaScript has one thread, in which handlers run and heartbeats are sent.",
    },
  },
  {
    name: "Go",
    toolchain: ["go", "version"],
    build: ["go", "build", "-C", "clients/go", "-o", resolve(".tools/conformance/go"), "./cmd/conformance"],
    command: [".tools/conformance/go"],
    without: {},
  },
  {
    name: "Python",
    toolchain: ["python3", "-m", "venv", "--help"],
    build: ["clients/python/install"],
    command: [".tools/python/bin/python", "clients/python/conformance/program.py"],
    without: {},
  },
  {
    name: "Java",
    toolchain: ["mvn", "--version"],
    build: ["mvn", "--quiet", "--batch-mode", "--file", "clients/java", "process-test-classes"],
    command: ["clients/java/conformance"],
    without: {},
  },
  {
    name: "Rust",
    toolchain: ["cargo", "--version"],
    build: [
      "cargo",
      "build",
      "--quiet",
      "--locked",
      "--manifest-path",
      "clients/rust/Cargo.toml",
      "--package",
      "conformance",
    ],
    command: ["clients/rust/target/debug/conformance"],
    without: {},
  },
];

/** Builds the program of a language. Answers why it cannot be run here; `null`: it can. @throws Error if it cannot be built */
export function prepare({ name, toolchain, build }: Language): string | null {
  if (toolchain !== null && !succeeds(toolchain, "ignore")) return `${toolchain[0]} is not installed`;
  if (build !== null && !succeeds(build, "inherit")) throw new Error(`the program of ${name} cannot be built`);
  return null;
}

function succeeds([program = "", ...args]: readonly string[], stdio: "ignore" | "inherit"): boolean {
  return spawnSync(program, args, { stdio: ["ignore", stdio, stdio] }).status === 0;
}
