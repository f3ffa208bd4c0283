import type { SettingKind } from "./setting-kinds.ts";

/** One thing that the operator can set. */
export interface Setting<T> {
  /** On the command line: `--lease-duration`. */
  readonly flag: string;
  /** In the environment: `SITQ_LEASE_DURATION`. */
  readonly environment: string;
  /** Which values it takes. */
  readonly kind: SettingKind<T>;
  /** The value when it is not set. */
  readonly defaultValue: T;
  /** What it does, in one sentence, for the help and the documentation. */
  readonly description: string;
}

/** Makes a setting; its flag and its variable have the same name. */
export function setting<T>(
  name: string,
  kind: SettingKind<T>,
  defaultValue: NoInfer<T>,
  description: string,
): Setting<T> {
  const environment = `SITQ_${name.replaceAll("-", "_").toUpperCase()}`;
  return { flag: `--${name}`, environment, kind, defaultValue, description };
}
