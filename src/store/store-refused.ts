/** Storage that cannot be used: the message says why and what to do about it, for the person who starts the server. */
export class StoreRefused extends Error {
  override readonly name = "StoreRefused";
}
