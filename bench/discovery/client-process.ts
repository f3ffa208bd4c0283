/** Clients that discover, in a process of their own: each has a connection, as real ones do, and connects again when it is lost. */

import { connect } from "node:http2";
import { machineMs } from "../measure/delays.ts";
import { changesIn, type Layout, watchedBy, zoneOf } from "./layout.ts";
import { type Discovery, watchByContract, watchByXds } from "./watching-client.ts";

/** What the process is told first. */
export interface ClientsOrder {
  readonly address: string;
  readonly discovery: Discovery;
  readonly layout: Layout;
}

/** What it is asked for later. */
export type ClientsQuestion =
  /** To say when all clients have everything, and to keep their connections from then on; that these may end; or when none has one. */
  | { readonly what: "begun" | "released" | "gone" }
  /** To say when so many changes have come, counted for each client. */
  | { readonly what: "arrivals"; readonly count: number }
  /** To end. */
  | { readonly what: "stop" };

/** When a client has seen a change, by `machineMs`. */
export interface Arrival {
  readonly change: number;
  readonly atMs: number;
}

/** What it says; times by `machineMs`. */
export type ClientsNews =
  | { readonly what: "begun" | "released" | "gone"; readonly atMs: number }
  | { readonly what: "arrivals"; readonly arrivals: readonly Arrival[] };

/** How long a client waits until it connects again, in milliseconds. */
const backoffMs = 50;

process.once("message", ({ address, discovery, layout }: ClientsOrder) => {
  const begun = new Set<number>();
  const connected = new Set<number>();
  let arrivals: Arrival[] = [];
  let asked: ClientsQuestion | null = null;
  let areKept = false;

  function start(client: number, isBack: boolean): void {
    const session = connect(`http://${address}`);
    const last = new Map<number, number>();
    session.on("connect", () => void connected.add(client));
    session.on("error", () => undefined);
    session.on("close", () => {
      if (areKept) {
        // What is measured then is something else.
        console.error(`client ${client} has lost its connection`);
        process.exit(1);
      }
      connected.delete(client);
      begun.delete(client);
      answer();
      setTimeout(() => start(client, isBack), backoffMs);
    });
    const watch = discovery === "xDS" ? watchByXds : watchByContract;
    watch({
      session,
      name: `client-${client}`,
      zone: zoneOf(client),
      services: watchedBy(client, layout),
      isBack,
      onBegun() {
        isBack = true;
        begun.add(client);
        answer();
      },
      onInstances(message, stream) {
        const changes = changesIn(message);
        if (changes.length === 0) return;
        const atMs = machineMs();
        // What it has seen before may come again with what is new.
        const known = last.get(stream) ?? -1;
        for (const change of changes) if (change > known) arrivals.push({ change, atMs });
        last.set(stream, Math.max(known, ...changes));
        answer();
      },
    });
  }

  function answer(): void {
    const news = newsFor(asked);
    if (news === null) return;
    asked = null;
    if (news.what === "begun") areKept = true;
    if (news.what === "released") areKept = false;
    process.send?.(news);
  }

  function newsFor(question: ClientsQuestion | null): ClientsNews | null {
    switch (question?.what) {
      case "begun":
        return begun.size === layout.clients ? { what: "begun", atMs: machineMs() } : null;
      case "released":
        return { what: "released", atMs: machineMs() };
      case "gone":
        return connected.size === 0 ? { what: "gone", atMs: machineMs() } : null;
      case "arrivals": {
        if (arrivals.length < question.count) return null;
        const all = arrivals;
        arrivals = [];
        return { what: "arrivals", arrivals: all };
      }
      default:
        return null;
    }
  }

  process.on("message", (question: ClientsQuestion) => {
    asked = question;
    if (question.what === "stop") process.exit();
    answer();
  });

  for (let client = 0; client < layout.clients; client++) start(client, false);
});
