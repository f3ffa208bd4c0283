import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What V8 writes of a thread; times in microseconds. */
interface Profile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
}

/** Entries of a profile that are no work. */
const idle = new Set(["(idle)", "(root)"]);
/** How many functions of a thread are named. */
const namedFunctions = 20;

/** What Node is started with to write a profile of each of its threads when it ends. */
export function profileOptions(directory: string): string {
  return `--cpu-prof --cpu-prof-dir=${directory}`;
}

/** Says of each thread of each process that wrote a profile how busy it was, and which functions took the time themselves. */
export function describeProfiles(directory: string): string {
  return readdirSync(directory)
    .filter((name) => name.endsWith(".cpuprofile"))
    .sort()
    .map((name) => describeProfile(join(directory, name)))
    .join("\n\n");
}

function describeProfile(file: string): string {
  const { nodes, samples, timeDeltas }: Profile = JSON.parse(readFileSync(file, "utf8"));
  const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
  const selfUs = new Map<string, number>();
  let busyUs = 0;
  let allUs = 0;
  samples.forEach((id, index) => {
    const us = timeDeltas[index] ?? 0;
    const place = places.get(id) ?? "";
    allUs += us;
    if (idle.has(place)) return;
    busyUs += us;
    selfUs.set(place, (selfUs.get(place) ?? 0) + us);
  });
  const percent = (us: number, of: number) => `${((us / of) * 100).toFixed(1).padStart(5)} %`;
  const functions = [...selfUs]
    .sort(([, a], [, b]) => b - a)
    .slice(0, namedFunctions)
    .map(([place, us]) => `  ${percent(us, busyUs)}  ${place}`);
  return [
    `${file}: busy ${percent(busyUs, allUs).trim()} of ${(allUs / 1e6).toFixed(1)} s; of that`,
    ...functions,
  ].join("\n");
}

function placeOf({ functionName, url, lineNumber }: ProfileNode["callFrame"]): string {
  const file = url.split("/").slice(-2).join("/");
  if (file === "") return functionName;
  return `${functionName || "(anonymous)"} ${file}:${lineNumber + 1}`;
}
