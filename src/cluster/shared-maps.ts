/** Turns the values of a map into bytes, and back. */
export interface ValueCodec<T> {
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}

/** What each server has under keys of its own, as all servers see it: soon, and as long as the server lives. */
export interface SharedMap<T> {
  /** Sets what this server has under a key. */
  set(key: string, value: T): void;
  /** This server has nothing under a key any more. */
  delete(key: string): void;
  /** What the other servers have, by their numbers. */
  readonly others: ReadonlyMap<number, ReadonlyMap<string, T>>;
  /** Calls `listener` when what another server has changes. */
  onChange(listener: (serverId: number, key: string) => void): void;
}

/** What a server has under a key of a map; `null`: nothing any more. */
export interface MapEntry {
  readonly map: string;
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** The map of a server that has its storage for itself. */
export const unsharedMap: SharedMap<never> = {
  set: () => undefined,
  delete: () => undefined,
  others: new Map(),
  onChange: () => undefined,
};

interface Shared {
  readonly own: Map<string, Uint8Array>;
  take(serverId: number, key: string, value: Uint8Array | null): void;
  forget(serverId: number): void;
}

/** All shared maps of one server. */
export class SharedMaps {
  private readonly maps = new Map<string, Shared>();
  private readonly onOwn: (entry: MapEntry) => void;

  /** @param onOwn called with each entry of this server that changes */
  constructor(onOwn: (entry: MapEntry) => void) {
    this.onOwn = onOwn;
  }

  /** Makes a map. @param map its name, of which there is one */
  create<T>(map: string, { encode, decode }: ValueCodec<T>): SharedMap<T> {
    const own = new Map<string, Uint8Array>();
    const others = new Map<number, Map<string, T>>();
    const listeners: ((serverId: number, key: string) => void)[] = [];
    const changed = (serverId: number, key: string) => {
      for (const listener of listeners) listener(serverId, key);
    };
    this.maps.set(map, {
      own,
      take(serverId, key, value) {
        const theirs = others.get(serverId) ?? new Map<string, T>();
        others.set(serverId, theirs);
        if (value === null) theirs.delete(key);
        else theirs.set(key, decode(value));
        changed(serverId, key);
      },
      forget(serverId) {
        const keys = others.get(serverId)?.keys() ?? [];
        others.delete(serverId);
        for (const key of keys) changed(serverId, key);
      },
    });
    return {
      others,
      set: (key, value) => {
        const bytes = encode(value);
        const former = own.get(key);
        if (former !== undefined && Buffer.compare(former, bytes) === 0) return;
        own.set(key, bytes);
        this.onOwn({ map, key, value: bytes });
      },
      delete: (key) => {
        if (own.delete(key)) this.onOwn({ map, key, value: null });
      },
      onChange: (listener) => void listeners.push(listener),
    };
  }

  /** All that this server has. */
  all(): MapEntry[] {
    return [...this.maps].flatMap(([map, { own }]) => [...own].map(([key, value]) => ({ map, key, value })));
  }

  /** Takes in what another server has. A map that is not known is one of another version. */
  take(serverId: number, entries: Iterable<MapEntry>): void {
    for (const { map, key, value } of entries) this.maps.get(map)?.take(serverId, key, value);
  }

  /** Forgets what another server has: it has ended, or is heard anew. */
  forget(serverId: number): void {
    for (const map of this.maps.values()) map.forget(serverId);
  }
}
