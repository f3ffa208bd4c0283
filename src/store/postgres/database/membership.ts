import type { Renewal, Revisions, SharingServer } from "../../cluster-store.ts";
import type { Session } from "./session.ts";
import { isLockTimeout } from "./sql-state.ts";
import { ServerEnded } from "./writer.ts";

/** Opens a session whose answers have to come within so many milliseconds. */
export type OpenSession = (options: { readonly answerTimeoutMs: number }) => Promise<Session>;

/** What a server is member of, and how. */
export interface MembershipOptions {
  /** The row of this server in `server`. */
  readonly serverId: number;
  readonly schema: string;
  readonly open: OpenSession;
  /** How long a server counts as alive after a renewal, in milliseconds. */
  readonly aliveMs: number;
  /** Is called when it is found that another server has ended this one. */
  readonly onEnded: (cause: Error) => void;
}

/** How much longer than `aliveMs` a server that has only started counts as alive: it reads what is stored before it joins. */
const startFactor = 6;
/** The part of `aliveMs` that a server still has whose session has ended. */
const lostFactor = 0.3;
/** The part of `aliveMs` within which a renewal has to follow the one before, or there was a break. */
const breakFactor = 0.5;
/** The part of `aliveMs` for which the end of a server may wait for its open transaction: otherwise it is tried again. */
const endFactor = 0.1;

/** The clock of the database, in milliseconds since 1970. */
const nowSql = "floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

/** Gives a server that starts a row, and a while to join the others. Answers its number. */
export async function registerServer(session: Session, aliveMs: number): Promise<number> {
  const row = await session.get<{ server_id: number }>(
    `WITH me AS (INSERT INTO server DEFAULT VALUES RETURNING id)
     INSERT INTO membership (server_id, start_ms, until_ms) SELECT id, ${nowSql}, ${nowSql} + $1 FROM me RETURNING server_id`,
    [aliveMs * startFactor],
  );
  if (row === undefined) throw new Error("the server has no row");
  return row.server_id;
}

interface MemberRow {
  readonly server_id: number;
  readonly address: string;
  readonly certificate: string | null;
  readonly version: string;
  readonly start_ms: number;
  readonly until_ms: number;
}

interface RenewalRow extends Revisions {
  readonly is_member: boolean;
  readonly now_ms: number;
  readonly led_term: number | null;
  readonly leader_id: number | null;
  readonly leader_term: number;
  readonly leader_until_ms: number;
}

/**
 * The place of this server among those that share the schema, kept by a session of its own: neither the writer's open transaction nor a wait
 * of it is in the way of a renewal. The session holds an advisory lock, by which the others notice its end.
 */
export class Membership {
  private readonly options: MembershipOptions;
  private session: Session | null = null;
  /** Whether the session holds the lock that stands for this server. */
  private isLocked = false;
  /** It has ended itself. */
  private hasLeft = false;
  /** Since when renewals have come without a break, and the last of them, by the clock of the database; `null`: none has come. */
  private renewed: { readonly sinceMs: number; readonly lastMs: number } | null = null;

  constructor(options: MembershipOptions) {
    this.options = options;
  }

  /** See ClusterStore.secret. */
  secret(): Promise<string> {
    return this.run(async (session) => {
      const row = await session.get<{ value: string }>("SELECT value FROM meta WHERE name = 'cluster_secret'");
      if (row === undefined) throw new Error("the schema has no secret");
      return row.value;
    });
  }

  /** See ClusterStore.join. */
  join({ address, certificate, version }: Pick<SharingServer, "address" | "certificate" | "version">): Promise<void> {
    return this.run(async (session) => {
      await this.lock(session);
      const n = await session.run(
        `UPDATE membership SET address = $2, certificate = $3, version = $4, until_ms = ${nowSql} + $5 WHERE server_id = $1`,
        [this.options.serverId, address, certificate, version, this.options.aliveMs],
      );
      if (n === 0) throw this.ended();
    });
  }

  /** See ClusterStore.renew. */
  renew(): Promise<Renewal> {
    const { serverId, aliveMs } = this.options;
    return this.run(async (session) => {
      await this.lock(session);
      const [row, members] = await Promise.all([
        session.get<RenewalRow>(renewSql, [serverId, aliveMs]),
        session.all<MemberRow>(membersSql),
        session.run(shortenSql, [serverId, Math.round(aliveMs * lostFactor), this.options.schema]),
      ]);
      if (row === undefined || !row.is_member) throw this.ended();
      const { now_ms: nowMs, access, services, settings, shifts } = row;
      this.noteRenewal(nowMs);
      const isLeader = row.led_term !== null;
      const leaderId = isLeader ? serverId : row.leader_until_ms < nowMs ? null : row.leader_id;
      return {
        servers: members.map((member) => toServer(member, leaderId)),
        term: row.led_term ?? (leaderId === null ? null : row.leader_term),
        isLeader,
        nowMs,
        revisions: { access, services, settings, shifts },
      };
    });
  }

  /** Ends the servers whose time is up, if this one is the leader and has renewed long enough without a break. Answers their numbers. */
  endOthers(): Promise<number[]> {
    const { serverId, aliveMs } = this.options;
    return this.run(async (session) => {
      if (this.renewed === null || this.renewed.lastMs - this.renewed.sinceMs < aliveMs) return [];
      const late = await session.all<{ server_id: number }>(
        `SELECT server_id FROM membership WHERE server_id <> $1 AND until_ms < ${nowSql} ORDER BY server_id`,
        [serverId],
      );
      const ended: number[] = [];
      for (const { server_id: id } of late) if (await this.end(session, id)) ended.push(id);
      return ended;
    });
  }

  /** The servers that have ended and left something to adopt. */
  endedServers(): Promise<number[]> {
    return this.run(async (session) => {
      const rows = await session.all<{ id: number }>(
        "SELECT id FROM server WHERE end_ms IS NOT NULL AND NOT is_taken ORDER BY id",
      );
      return rows.map(({ id }) => id);
    });
  }

  /** See ClusterStore.leave. Idempotent. */
  async leave(): Promise<void> {
    if (this.hasLeft) return;
    this.hasLeft = true;
    await this.run((session) => session.run(leaveSql, [this.options.serverId]));
    await this.close();
  }

  /** Closes the session. Idempotent. */
  async close(): Promise<void> {
    const { session } = this;
    this.forget();
    await session?.close();
  }

  /** Runs statements; where one fails the session is closed, since what it still does is not known. */
  async run<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.connected();
    try {
      return await work(session);
    } catch (error) {
      if (this.session === session) this.forget();
      session.destroy();
      throw error;
    }
  }

  private async connected(): Promise<Session> {
    if (this.session !== null) return this.session;
    const session = await this.options.open({ answerTimeoutMs: this.options.aliveMs * breakFactor });
    this.session = session;
    void session.ended.then(() => this.session === session && this.forget());
    return session;
  }

  private forget(): void {
    this.session = null;
    this.isLocked = false;
    // While there was no session the database may have been away, also for the others.
    this.renewed = null;
  }

  /** A session of this server that has been lost may have the lock yet: then it is tried again with the next renewal. */
  private async lock(session: Session): Promise<void> {
    if (this.isLocked) return;
    const row = await session.get<{ got: boolean }>("SELECT pg_try_advisory_lock(hashtext($1), $2) AS got", [
      this.options.schema,
      this.options.serverId,
    ]);
    this.isLocked = row?.got === true;
  }

  private noteRenewal(nowMs: number): void {
    const before = this.renewed;
    const breakMs = this.options.aliveMs * breakFactor;
    const isBroken = before === null || nowMs < before.lastMs || nowMs - before.lastMs > breakMs;
    this.renewed = { sinceMs: isBroken ? nowMs : before.sinceMs, lastMs: nowMs };
  }

  /** Ends one server; false: it has renewed meanwhile, or its transaction did not end in time, or this server is not the leader. */
  private async end(session: Session, id: number): Promise<boolean> {
    await session.script(`BEGIN; SET LOCAL lock_timeout TO ${Math.round(this.options.aliveMs * endFactor)}`);
    try {
      const n = await session.run(endSql, [id, this.options.serverId]);
      if (n > 0) await session.run("UPDATE server SET end_ms = $2 WHERE id = $1", [id, this.renewed?.lastMs ?? 0]);
      await session.script("COMMIT");
      return n > 0;
    } catch (error) {
      await session.script("ROLLBACK");
      if (isLockTimeout(error)) return false;
      throw error;
    }
  }

  private ended(): Error {
    if (this.hasLeft) return new Error("this server has left the others");
    const cause = new ServerEnded();
    this.options.onEnded(cause);
    return cause;
  }
}

function toServer(
  { server_id: id, address, certificate, version, start_ms: startMs, until_ms: untilMs }: MemberRow,
  leaderId: number | null,
): SharingServer {
  return { id, address, certificate, version, startMs, untilMs, isLeader: id === leaderId };
}

/** Prolongs the time of the server $1 to $2 milliseconds from now, and its leadership, which it takes where no server has it. */
const renewSql = `
  WITH clock AS MATERIALIZED (SELECT ${nowSql} AS now_ms),
  me AS (UPDATE membership SET until_ms = now_ms + $2 FROM clock WHERE server_id = $1 RETURNING server_id),
  led AS (
    UPDATE leader SET server_id = $1, term = CASE WHEN leader.server_id = $1 THEN term ELSE term + 1 END, until_ms = now_ms + $2
    FROM clock, me WHERE leader.server_id = $1 OR until_ms < now_ms RETURNING term
  )
  SELECT EXISTS (SELECT FROM me) AS is_member, now_ms, (SELECT term FROM led) AS led_term, server_id AS leader_id, term AS leader_term,
    until_ms AS leader_until_ms, access, services, settings, shifts
  FROM clock, leader, revision`;

const membersSql =
  "SELECT server_id, address, certificate, version, start_ms, until_ms FROM membership WHERE address IS NOT NULL ORDER BY server_id";

/** Servers other than $1 whose sessions have ended have $2 milliseconds left, as leader too. $3 is the schema. */
const shortenSql = `
  WITH clock AS MATERIALIZED (SELECT ${nowSql} + $2::int AS until_ms),
  others AS MATERIALIZED (
    SELECT server_id FROM membership, clock
    WHERE server_id <> $1 AND address IS NOT NULL AND membership.until_ms > clock.until_ms ORDER BY server_id FOR UPDATE OF membership SKIP LOCKED
  ),
  lost AS MATERIALIZED (SELECT server_id FROM others WHERE pg_try_advisory_xact_lock_shared(hashtext($3), server_id)),
  shortened AS (UPDATE membership SET until_ms = clock.until_ms FROM lost, clock WHERE membership.server_id = lost.server_id)
  UPDATE leader SET until_ms = clock.until_ms FROM lost, clock
  WHERE leader.server_id = lost.server_id AND leader.until_ms > clock.until_ms`;

/** Takes the server $1 from the members if its time is up and $2 is the leader, once its open transaction has ended. */
const endSql = `
  WITH held AS MATERIALIZED (SELECT id FROM server WHERE id = $1 FOR UPDATE)
  DELETE FROM membership USING held, leader
  WHERE membership.server_id = held.id AND membership.until_ms < ${nowSql} AND leader.server_id = $2 AND leader.until_ms >= ${nowSql}`;

/** Ends the server $1 by itself. */
const leaveSql = `
  WITH ended AS (UPDATE server SET end_ms = ${nowSql} WHERE id = $1 AND end_ms IS NULL),
  gone AS (DELETE FROM membership WHERE server_id = $1)
  UPDATE leader SET server_id = NULL, until_ms = 0 WHERE server_id = $1`;
