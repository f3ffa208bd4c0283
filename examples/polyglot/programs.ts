import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { ServiceName } from "../microservices/shop.ts";

/** A service in its language. */
export interface Program {
  readonly language: string;
  /** Builds it; `null`: nothing is to be built. */
  readonly build: readonly string[] | null;
  /** Runs an instance, whose name is added. It prints `ready` once it is connected, and stops in order on SIGTERM. */
  command(): readonly string[];
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const at = (...path: string[]) => resolve(root, ...path);

/** The services of the shop. */
export const programs: Readonly<Record<ServiceName, Program>> = {
  order: {
    language: "TypeScript",
    build: null,
    command: () => [process.execPath, at("examples/microservices/service.ts"), "order"],
  },
  inventory: {
    language: "Python",
    build: [at("clients/python/install")],
    command: () => [at(".tools/python/bin/python"), at("examples/polyglot/inventory.py")],
  },
  payment: {
    language: "Java",
    build: ["mvn", "--quiet", "--batch-mode", "--file", at("clients/java"), "process-test-classes"],
    command() {
      const classpath = readFileSync(at("clients/java/target/classpath.txt"), "utf8").trim();
      const memory = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
      const classes = ["-cp", [at("clients/java/target/classes"), classpath].join(delimiter)];
      return ["java", ...memory, ...classes, at("examples/polyglot/Payment.java")];
    },
  },
  shipping: {
    language: "Go",
    build: ["go", "build", "-C", at("examples/polyglot/shipping"), "-o", at(".tools/polyglot/shipping"), "."],
    command: () => [at(".tools/polyglot/shipping")],
  },
  notification: {
    language: "Rust",
    build: [
      "cargo",
      "build",
      "--quiet",
      "--locked",
      "-p",
      "notification",
      "--manifest-path",
      at("clients/rust/Cargo.toml"),
    ],
    command: () => [join(at("clients/rust/target"), "debug", "notification")],
  },
};

/** Builds the programs, and says how far it is. @throws Error if one cannot be built, with what is missing */
export function build(): void {
  for (const [name, { language, build: command }] of Object.entries(programs)) {
    if (command === null) continue;
    console.log(`Building ${name}, in ${language} …`);
    const [program = "", ...args] = command;
    const { status, error } = spawnSync(program, args, { stdio: "inherit" });
    if (error !== undefined)
      throw new Error(`${name} needs ${language}: ${program} is not installed`, { cause: error });
    if (status !== 0) throw new Error(`${name} cannot be built: ${command.join(" ")}`);
  }
}
