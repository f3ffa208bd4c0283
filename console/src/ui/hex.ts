import { base64Decode, base64Encode } from "@bufbuild/protobuf/wire";

/** Sixteen bytes as a line: their place, their digits, and what of them is ASCII: `00000010  68 69 …  hi…`. */
export function hexLine(bytes: Uint8Array, at: number): string {
  const line = [...bytes.subarray(at, at + 16)];
  const digits = line.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const text = line.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join("");
  return `${at.toString(16).padStart(8, "0")}  ${digits.padEnd(47)}  ${text}`;
}

/** The first bytes as lines of sixteen. */
export function hexLines(bytes: Uint8Array, most: number): string {
  const lines: string[] = [];
  for (let at = 0; at < Math.min(bytes.length, most); at += 16) lines.push(hexLine(bytes.subarray(0, most), at));
  return lines.join("\n");
}

/** All bytes as digits, to copy. */
export function hexDigits(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The text that bytes are in UTF-8; `null`: they are none. */
export function utf8Text(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Bytes in base64. */
export function base64Text(bytes: Uint8Array): string {
  return base64Encode(bytes);
}

/** The bytes of a text in base64; `null`: it is none. */
export function bytesOfBase64(text: string): Uint8Array | null {
  try {
    return base64Decode(text);
  } catch {
    return null;
  }
}
