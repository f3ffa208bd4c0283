import { resolve } from "node:path";
import type { BuiltProgram } from "./toolchain.ts";

/** A language with a client, and its program. */
export interface Language extends BuiltProgram {
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
