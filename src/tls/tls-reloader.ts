import { stat } from "node:fs/promises";
import type { SecureContextOptions } from "node:tls";
import type { Clock } from "../domain/clock.ts";
import type { Log } from "../domain/log.ts";
import type { Service } from "../domain/service.ts";
import { readTlsFiles, type TlsMaterial, type TlsPaths, unfitForServer, untimely } from "./tls-files.ts";

/** What a reloader is made of. */
export interface TlsReloaderOptions {
  readonly paths: TlsPaths;
  readonly clock: Clock;
  readonly log: Pick<Log, "info" | "warn" | "error">;
  /** How often the files are looked at, in milliseconds. Default: 1 s. */
  readonly lookEveryMs?: number;
}

/** How often the files are looked at by default, in milliseconds. */
const defaultLookEveryMs = 1_000;

/** In the mode of a file: what others than its owner and its group may do. */
const othersMode = 0o007;

/** How often the times of the certificate are looked at, in milliseconds. */
const lookAtTimesEveryMs = 86_400_000;

/**
 * Keeps what the server's TLS files hold, and reads them again when they have changed. Files that cannot be used are logged, and
 * what was read before stays.
 *
 * It asks for the files' state and does not wait for events of the file system: a path whose folder is a link that is changed to
 * another one, as Kubernetes does with secrets, and a network file system tell nothing. What has changed is read once it is the same at
 * two looks, so that certificate and key may be written one after the other.
 */
export class TlsReloader implements Service {
  readonly #paths: TlsPaths;
  readonly #clock: Clock;
  readonly #log: TlsReloaderOptions["log"];
  readonly #lookEveryMs: number;
  readonly #listeners: ((context: SecureContextOptions) => void)[] = [];
  #material: TlsMaterial;
  /** The state of the files that were read last, usable or not. */
  #judged: string;
  /** Their state at the last look. */
  #seen: string;
  /** Settles when what is being read has been; one at a time. */
  #reading: Promise<void> = Promise.resolve();
  #callOff: () => void = () => undefined;
  #callOffTimes: () => void = () => undefined;
  #isStopped = false;

  private constructor(options: TlsReloaderOptions, material: TlsMaterial, state: string) {
    this.#paths = options.paths;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#lookEveryMs = options.lookEveryMs ?? defaultLookEveryMs;
    this.#material = material;
    this.#judged = state;
    this.#seen = state;
  }

  /**
   * Reads the files for the first time.
   *
   * @throws TlsFilesRefused if they cannot be used
   */
  static async open(options: TlsReloaderOptions): Promise<TlsReloader> {
    const state = await stateOf(options.paths);
    const reloader = new TlsReloader(options, await readTlsFiles(options.paths), state);
    await reloader.#warnOfMode();
    reloader.#warnOfUse();
    reloader.#warnOfTimes();
    return reloader;
  }

  /** What the files held when they could be used last. */
  get context(): SecureContextOptions {
    return this.#material.context;
  }

  /** Until when the server's certificate is valid, by the wall clock. */
  get expireMs(): number {
    return this.#material.certificate.validToDate.getTime();
  }

  /** Calls `listener` with each new context. */
  onChange(listener: (context: SecureContextOptions) => void): void {
    this.#listeners.push(listener);
  }

  /** Begins to look at the files, and every day at the times of the certificate. */
  async start(): Promise<void> {
    this.#lookLater();
    this.#lookAtTimesLater();
  }

  /** Ends that. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#callOff();
    this.#callOffTimes();
    await this.#reading;
  }

  /** Reads the files at once, changed or not. Resolves when they have been read. */
  reload(): Promise<void> {
    return this.#inTurn(async () => this.#read(await stateOf(this.#paths)));
  }

  #lookLater(): void {
    if (this.#isStopped) return;
    this.#callOff = this.#clock.after(this.#lookEveryMs, () => {
      void this.#inTurn(() => this.#look()).then(() => this.#lookLater());
    });
  }

  #lookAtTimesLater(): void {
    if (this.#isStopped) return;
    this.#callOffTimes = this.#clock.after(lookAtTimesEveryMs, () => {
      this.#warnOfTimes();
      this.#lookAtTimesLater();
    });
  }

  async #look(): Promise<void> {
    const state = await stateOf(this.#paths);
    const isSettled = state === this.#seen;
    this.#seen = state;
    if (isSettled && state !== this.#judged) await this.#read(state);
  }

  async #read(state: string): Promise<void> {
    if (this.#isStopped) return;
    this.#judged = state;
    try {
      this.#material = await readTlsFiles(this.#paths);
      for (const listener of this.#listeners) listener(this.#material.context);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#log.error({ reason }, "cannot use the new TLS files: the old certificate stays");
      return;
    }
    const { fingerprint256, validTo } = this.#material.certificate;
    this.#log.info({ fingerprint: fingerprint256, not_after: validTo }, "read the TLS files again");
    await this.#warnOfMode();
    this.#warnOfUse();
    this.#warnOfTimes();
  }

  async #warnOfMode(): Promise<void> {
    const { keyPath: file } = this.#paths;
    // Gone again since it was read: the next look says so.
    const mode = (await stat(file).catch(() => null))?.mode ?? 0;
    if ((mode & othersMode) === 0) return;
    this.#log.warn({ file, mode: (mode & 0o777).toString(8) }, "everybody on this machine can read the server's key");
  }

  #warnOfUse(): void {
    const problem = unfitForServer(this.#material.certificate);
    if (problem !== null) this.#log.warn({ file: this.#paths.certPath }, `the server's certificate ${problem}`);
  }

  #warnOfTimes(): void {
    const problem = untimely(this.#material.certificate, this.#clock.now());
    if (problem !== null) this.#log.warn({ file: this.#paths.certPath }, `the server's certificate ${problem}`);
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    this.#reading = this.#reading.then(act);
    return this.#reading;
  }
}

/** What tells whether the files are still the same: followed through links, and beside it their content's size and times. */
async function stateOf({ certPath, keyPath, clientCaPath }: TlsPaths): Promise<string> {
  const paths = [certPath, keyPath, ...(clientCaPath === null ? [] : [clientCaPath])];
  const states = paths.map(async (path) => {
    try {
      const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
      return [dev, ino, size, mtimeNs, ctimeNs].join(":");
    } catch {
      // Reading it says what is wrong.
      return "none";
    }
  });
  return (await Promise.all(states)).join(" ");
}
