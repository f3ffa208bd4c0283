import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";

/** A proxy before the database that can cut its connections in the moment of a commit, or keep new ones from it. */
export async function startCutter(url: string) {
  const target = Number(new URL(url).port);
  const sockets = new Set<Socket>();
  let isOpen = true;
  let cutting: "before" | "after" | "answer" | "begin" | "late" | null = null;
  /** What the database has not been sent yet of a connection that is cut at the other end. */
  let held: { readonly database: Socket; readonly chunk: Buffer } | null = null;
  let cuts = 0;
  const listener = createServer((client) => {
    if (!isOpen) {
      client.destroy();
      return;
    }
    const database = createConnection(target, "127.0.0.1");
    let isCommitting = false;
    const cut = () => {
      if (cutting === "answer") isOpen = false;
      cutting = null;
      cuts++;
      client.destroy();
      database.destroy();
    };
    client.on("data", (chunk) => {
      // A simple query: its text ends with a zero.
      if (cutting === "begin" && chunk.includes("BEGIN")) {
        isOpen = false;
        return cut();
      }
      const isCommit = chunk.includes("COMMIT\0");
      if (isCommit && cutting === "before") return cut();
      if (isCommit && cutting === "late") {
        held = { database, chunk };
        cutting = null;
        cuts++;
        client.destroy();
        return;
      }
      isCommitting = isCommit && (cutting === "after" || cutting === "answer");
      database.write(chunk);
    });
    database.on("data", (chunk) => {
      if (!isCommitting) client.write(chunk);
      // Answers of statements that were sent along with the commit come before its own.
      else if (chunk.includes("COMMIT\0") || chunk.includes("ROLLBACK\0")) cut();
    });
    for (const [socket, other] of [
      [client, database],
      [database, client],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        if (other !== held?.database) other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => {
    listener.listen(0, "127.0.0.1", resolve);
  });
  const closeAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  const own = new URL(url);
  own.port = String((listener.address() as AddressInfo).port);
  return {
    url: own.href,
    /** How often it has cut a connection at a commit. */
    get cuts() {
      return cuts;
    },
    /** Cuts the next commit: before it reaches the database, or its answer; `late`: `deliver` sends it to the database after all. */
    cutAtCommit(side: "before" | "after" | "late") {
      cutting = side;
    },
    /** Sends the database what was held back. @returns what became of the transaction */
    async deliver(): Promise<"COMMIT" | "ROLLBACK"> {
      if (held === null) throw new Error("nothing was held back");
      const { database, chunk } = held;
      const outcome = new Promise<"COMMIT" | "ROLLBACK">((resolve) => {
        database.on("data", (answer) => {
          for (const tag of ["COMMIT", "ROLLBACK"] as const) if (answer.includes(`${tag}\0`)) resolve(tag);
        });
      });
      database.write(chunk);
      const tag = await outcome;
      database.destroy();
      held = null;
      return tag;
    },
    /** Cuts the answer of the next commit, and closes. */
    closeAtAnswer() {
      cutting = "answer";
    },
    /** Closes in the moment in which the next transaction begins. */
    closeAtBegin() {
      cutting = "begin";
    },
    close() {
      isOpen = false;
      closeAll();
    },
    open() {
      isOpen = true;
    },
    async stop() {
      closeAll();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}
