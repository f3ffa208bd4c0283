import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A round trip through a server at SITQ_ADDRESS, written for JavaScript and TypeScript alike. */
const body = `
const add = jsonTask("add", { queue: "sums" });
async function main() {
  const client = connect();
  const worker = createWorker(client, {
    queues: ["sums"],
    handlers: [handle(add, async (numbers) => numbers.reduce((sum, each) => sum + each, 0))],
  });
  await worker.start();
  const producer = createProducer(client);
  console.log("the sum is", await producer.awaitResult(await producer.enqueue(add, [1, 2, 39])));
  await worker.stop();
  await producer.close();
  client.close();
}
void main();
`;

const names = "connect, createProducer, createWorker, handle, jsonTask";
const typed = body.replace('jsonTask("add"', 'jsonTask<number[], number>("add"');

/** Writes the programs that load the SDK by this name into a directory. */
export async function writePrograms(directory: string, sdk: string): Promise<void> {
  const options = {
    target: "es2022",
    lib: ["es2022"],
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    types: ["node"],
  };
  const nodenext = { ...options, module: "nodenext" };
  const bundler = { ...options, module: "esnext", moduleResolution: "bundler" };
  const files = {
    "program.mjs": `import { ${names} } from "${sdk}";${body}`,
    "program.cjs": `const { ${names} } = require("${sdk}");${body}`,
    "program.mts": `import { ${names} } from "${sdk}";${typed}`,
    "program.cts": `import { ${names} } from "${sdk}";${typed}`,
    "nodenext.json": JSON.stringify({ compilerOptions: nodenext, files: ["program.mts", "program.cts"] }),
    "bundler.json": JSON.stringify({ compilerOptions: bundler, files: ["program.mts"] }),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
}

/** What each program prints. */
export const printed = "the sum is 42\n";
