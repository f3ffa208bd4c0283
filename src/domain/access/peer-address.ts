/** The address of a peer, which is `address:port`. An IPv6 address stands there without brackets. */
export function peerAddress(peer: string): string {
  return peer.replace(/:\d+$/, "");
}
