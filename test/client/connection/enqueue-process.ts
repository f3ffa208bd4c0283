/** A process that enqueues a task, and closes neither its producer nor its client. It has to end all the same. */

import { connect, createProducer } from "../../../src/client/index.ts";

const [address = ""] = process.argv.slice(2);
await createProducer(connect({ address })).enqueue("q", "t");
// Long before the stream is closed for not being used; reached only by a process that something holds.
setTimeout(() => process.exit(3), 3_000).unref();
