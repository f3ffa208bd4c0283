import { open } from "node:fs/promises";
import { badShape, type TokenProvider, tokenShape } from "./bearer-token.ts";

/** How long what was read is used before the file is read again, in milliseconds. */
const rereadMs = 60_000;
/** In the mode of a file: others than its owner and its group can read it. */
const othersRead = 0o004;

/**
 * A provider of the token in a file, which may be replaced: it is read again after a minute, and when the server refuses the token.
 *
 * @param warn called once if the file can be read by everybody
 */
export function tokenFile(path: string, warn: (text: string) => void): TokenProvider {
  let isChecked = false;
  return async () => {
    const file = await open(path);
    try {
      const status = await file.stat();
      if (status.isDirectory()) throw new Error(`${path} is a directory`);
      const { mode } = status;
      if (!isChecked && (mode & othersRead) !== 0) warn(`everybody on this machine can read ${path}: chmod o-r it`);
      isChecked = true;
      const token = (await file.readFile("utf8")).trim();
      if (token === "") throw new Error(`${path} is empty`);
      if (!tokenShape.test(token)) throw new Error(`${path} holds no token: ${badShape}`);
      return { token, expireTime: new Date(Date.now() + rereadMs) };
    } finally {
      await file.close();
    }
  };
}
