/** How a store on PostgreSQL is opened. */
export interface PostgresStoreOptions {
  /** `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with `sslmode` and the other parameters that the driver `pg` takes. */
  readonly url: string;
  /** The schema that holds the tables; it is created. Default `sitq`. */
  readonly schema?: string;
  /** Unfinished tasks that a queue takes if its own settings do not say. Default 1,000,000. */
  readonly maxQueueDepth?: number;
}
