/** Messages of every type of the contract, at random. */

import { readdirSync } from "node:fs";
import { create, type DescField, type DescFile, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import type { SeededRandom } from "../harness/seeded-random.ts";

const messagesOf = (parent: DescFile | DescMessage): DescMessage[] =>
  (parent.kind === "file" ? parent.messages : parent.nestedMessages).flatMap((each) => [each, ...messagesOf(each)]);

const files = new Set<DescFile>();
function addFile(file: DescFile): void {
  files.add(file);
  for (const each of file.dependencies) addFile(each);
}
const modules = readdirSync("gen", { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith("_pb.js"));
for (const path of modules) {
  for (const each of Object.values<{ kind?: unknown }>(await import(/* @vite-ignore */ `../../../gen/${path}`))) {
    if (each.kind === "file") addFile(each as DescFile);
  }
}
/** The types of the contract, and of what it imports. */
export const messageTypes = [...files].flatMap(messagesOf);

/** The texts, bytes and numbers of a message, at random: many at an edge. */
function scalarOf(random: SeededRandom, type: ScalarType | undefined): unknown {
  const bits = (count: number) =>
    BigInt(random.integer(0, 2 ** (count / 2) - 1)) * 2n ** BigInt(count / 2) +
    BigInt(random.integer(0, 2 ** (count / 2) - 1));
  switch (type) {
    case ScalarType.STRING: {
      const letters = random.pick(["ab z", "aé", "中文a", "😀é", "\ufeffa", "\ufffda"]);
      const length = random.pick([0, 3, 16, 17, 24, 25, random.integer(0, 300)]);
      return Array.from({ length }, () => letters.at(random.integer(0, letters.length - 1)))
        .join("")
        .toWellFormed();
    }
    case ScalarType.BYTES:
      return Uint8Array.from({ length: random.pick([0, 1, 127, 128, random.integer(0, 300)]) }, () =>
        random.integer(0, 255),
      );
    case ScalarType.BOOL:
      return random.chance(0.5);
    case ScalarType.UINT32:
      return random.pick([0, 127, 128, 2 ** 32 - 1, random.integer(0, 2 ** 32 - 1)]);
    case ScalarType.INT64:
      return random.pick([
        0n,
        -1n,
        2n ** 63n - 1n,
        -(2n ** 63n),
        2n ** 49n,
        BigInt(random.integer(0, 2 ** 32)),
        BigInt.asIntN(64, bits(64)),
      ]);
    case ScalarType.UINT64:
      return random.pick([0n, 2n ** 64n - 1n, bits(64)]);
    case ScalarType.DOUBLE:
      return random.pick([0, -0, Number.NaN, Number.POSITIVE_INFINITY, random.next()]);
    default:
      return random.pick([0, 1, -1, 127, 128, 2 ** 31 - 1, -(2 ** 31), random.integer(-300, 300_000)]);
  }
}

/** A part of a message that is of the field's type. */
function partOf(random: SeededRandom, field: DescField, depth: number): unknown {
  if (field.message !== undefined) return messageOf(random, field.message, depth + 1);
  const known = field.enum?.values.map(({ number }) => number);
  if (known !== undefined && random.chance(0.7)) return known[random.integer(0, known.length - 1)];
  return scalarOf(random, field.scalar);
}

/** A message with any of its fields set. */
export function messageOf(random: SeededRandom, desc: DescMessage, depth = 0): object {
  const message = create(desc) as unknown as Record<string, unknown>;
  const share = depth > 3 ? 0.1 : random.pick([0.2, 0.5, 0.9]) / (depth + 1);
  for (const member of desc.members) {
    if (!random.chance(share)) continue;
    const name = member.localName;
    if (member.kind === "oneof") {
      const field = member.fields[random.integer(0, member.fields.length - 1)] as DescField;
      message[name] = { case: field.localName, value: partOf(random, field, depth) };
    } else if (member.fieldKind === "list") {
      message[name] = Array.from({ length: random.integer(0, 3) }, () => partOf(random, member, depth));
    } else if (member.fieldKind === "map") {
      const map = {};
      for (let left = random.integer(0, 3); left > 0; left--) {
        const key = random.pick(["", "__proto__", "constructor", "1", scalarOf(random, ScalarType.STRING) as string]);
        const value = partOf(random, member, depth);
        Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true });
      }
      message[name] = map;
    } else {
      message[name] = partOf(random, member, depth);
    }
  }
  if (random.chance(0.1)) {
    const data = new BinaryWriter().bytes(randomBytes(random, 9)).finish();
    message.$unknown = [
      { no: random.integer(5_000, 5_009), wireType: 2, data },
      { no: 6_000, wireType: 0, data: Uint8Array.from([0xff, 1]) },
    ];
  }
  return message;
}

/** At most so many bytes, of any value. */
export const randomBytes = (random: SeededRandom, most: number) =>
  Uint8Array.from({ length: random.integer(0, most) }, () => random.integer(0, 255));
