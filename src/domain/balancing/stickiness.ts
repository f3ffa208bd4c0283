/** Which of several ids a key sticks to. */
export interface Stickiness {
  /** The index of the id among those that can take the key; -1 if none can. */
  indexFor(key: string, canTake: (index: number) => boolean): number;
}

/**
 * Ties keys to ids by rendezvous hashing (Thaler and Ravishankar, 1998): every pair of key and id has a score, and the highest
 * wins. When an id comes or goes, only the keys that it wins or has won move; the order of the ids plays no part, and nothing is
 * remembered, so that a key finds its place again after a restart.
 */
export function createStickiness(ids: readonly string[]): Stickiness {
  const hashes = ids.map(hash);
  return {
    indexFor(key, canTake) {
      const keyHash = hash(key);
      let best = -1;
      let bestScore = -1;
      for (let index = 0; index < hashes.length; index++) {
        const score = mixed((hashes[index] ?? 0) ^ keyHash);
        if (score < bestScore || !canTake(index)) continue;
        if (score === bestScore && (ids[index] ?? "") > (ids[best] ?? "")) continue;
        best = index;
        bestScore = score;
      }
      return best;
    },
  };
}

/** FNV-1a over the UTF-16 code units, 32 bits (http://www.isthe.com/chongo/tech/comp/fnv/), its bits mixed. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
  }
  return mixed(state);
}

/** The finalizer of MurmurHash3 (public domain): every bit of the input changes half of the output's. From 0 to 2^32 - 1. */
function mixed(value: number): number {
  let bits = value ^ (value >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
