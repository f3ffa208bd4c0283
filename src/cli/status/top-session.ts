import { QueueOrder } from "../../client/index.ts";
import { briefly, type Session } from "../command/session.ts";
import { follow } from "../live/follow.ts";
import { openScreen, type Screen } from "../terminal/screen.ts";
import { LiveOverview } from "./live-overview.ts";
import { choicesOf, chosenIndex, type TopState, topLines } from "./top-view.ts";

/** How many tasks of a queue are shown. */
const mostTasks = 50;
/** How many queues are shown: more than a screen has, fewer than a server can. */
const mostQueues = 200;

/** The live view in a terminal: it follows the server's stream, draws what changes, and does what keys ask for. */
export class TopSession {
  readonly #session: Session;
  readonly #leave = new AbortController();
  readonly #state: TopState;
  readonly #screen: Screen;
  /** Does what was asked. */
  #answer: (() => Promise<string>) | null = null;
  #isReading = false;

  /** Takes the terminal over. @param nameContains only queues with this in their name are shown; empty: all */
  constructor(session: Session, nameContains: string) {
    this.#session = session;
    const { address } = session.client;
    const live = new LiveOverview();
    this.#state = { address, nameContains, live, broken: null, chosen: "", inside: null, question: null, notice: "" };
    this.#screen = openScreen(session.shell, { onKey: (key) => this.#onKey(key), onResize: () => this.#draw() });
  }

  /** Resolves when the user has left; the terminal is as it was then. Rejects where the server cannot be watched. */
  async run(interrupted: AbortSignal): Promise<void> {
    const leave = () => this.#leave.abort();
    interrupted.addEventListener("abort", leave);
    try {
      await this.#follow();
    } finally {
      interrupted.removeEventListener("abort", leave);
      this.#screen.close();
    }
  }

  /** Follows the stream, and again when it broke. */
  async #follow(): Promise<void> {
    const { signal } = this.#leave;
    const { client } = this.#session;
    const state = this.#state;
    const { nameContains } = state;
    const bounds = { maxQueues: mostQueues, order: QueueOrder.PROBLEMS_FIRST, nameContains };
    await follow(client.address, signal, {
      open: (end) => client.monitor.watchOverview(bounds, { signal: end }),
      take: (message) => {
        state.broken = null;
        if (!state.live.take(message)) return;
        this.#draw();
        const inside = state.inside?.queue;
        if (inside !== undefined && message.queues.some(({ name }) => name === inside))
          this.#act(() => this.#look(inside));
      },
      broken: (why) => {
        state.broken = why;
        this.#draw();
      },
    });
  }

  #draw(): void {
    const { rows, columns } = this.#screen;
    const { colours } = this.#session.shell;
    this.#screen.draw(topLines(this.#state, { rows, columns, colours }, Date.now()));
  }

  #onKey(key: string): void {
    const state = this.#state;
    if (key === "ctrl-c") this.#leave.abort();
    else if (state.question !== null) this.#onAnswer(key);
    else this.#onCommand(key);
    if (!this.#leave.signal.aborted) this.#draw();
  }

  #onAnswer(key: string): void {
    const answer = this.#answer;
    this.#state.question = null;
    this.#answer = null;
    if (key !== "y" && key !== "Y") this.#state.notice = "Nothing changed.";
    else if (answer !== null) this.#act(answer);
  }

  #onCommand(key: string): void {
    const state = this.#state;
    state.notice = "";
    switch (key) {
      case "q":
        this.#leave.abort();
        return;
      case "up":
      case "k":
        this.#move(-1);
        return;
      case "down":
      case "j":
        this.#move(1);
        return;
      case "pageup":
        this.#move(-this.#screen.rows);
        return;
      case "pagedown":
        this.#move(this.#screen.rows);
        return;
      case "return":
        if (state.inside === null) this.#act(() => this.#look(this.#chosen()));
        return;
      case "escape":
      case "left":
      case "backspace":
        this.#back();
        return;
      case "p":
        this.#askToPause();
        return;
      case "d":
        this.#askToDrain();
        return;
    }
  }

  #chosen(): string {
    return choicesOf(this.#state)[chosenIndex(this.#state)] ?? "";
  }

  #move(by: number): void {
    const choices = choicesOf(this.#state);
    const to = Math.min(Math.max(chosenIndex(this.#state) + by, 0), choices.length - 1);
    this.#state.chosen = choices[to] ?? "";
  }

  #back(): void {
    const state = this.#state;
    if (state.inside === null) return;
    state.chosen = state.inside.queue;
    state.inside = null;
  }

  #askToPause(): void {
    const { inside, live } = this.#state;
    const name = inside?.queue ?? this.#chosen();
    const queue = live.queues.get(name);
    if (queue === undefined) return;
    const paused = !queue.paused;
    this.#ask(paused ? `Pause queue ${name}?` : `Resume queue ${name}?`, async () => {
      const request = { queue: { name, paused }, updateMask: { paths: ["paused"] } };
      await this.#session.client.queue.updateQueue(request, briefly);
      return paused ? `${name} is paused.` : `${name} goes on.`;
    });
  }

  #askToDrain(): void {
    const { inside } = this.#state;
    if (inside === null) {
      this.#state.notice = "Press enter to look inside the queue, and choose a worker there.";
      return;
    }
    const workerId = this.#chosen();
    if (workerId === "") return;
    this.#ask(`Drain worker ${workerId}? It gets no further tasks.`, async () => {
      await this.#session.client.worker.drainWorker({ workerId }, briefly);
      return `${workerId} drains.`;
    });
  }

  #ask(question: string, answer: () => Promise<string>): void {
    this.#state.question = question;
    this.#answer = answer;
  }

  /** Does something, and shows what came of it. */
  #act(action: () => Promise<string>): void {
    void action()
      .catch((error: unknown) => (error instanceof Error ? error.message : String(error)))
      .then((notice) => {
        if (notice !== "") this.#state.notice = notice;
        if (!this.#leave.signal.aborted) this.#draw();
      });
  }

  /** Reads the inside of a queue, and shows it. */
  async #look(queue: string): Promise<string> {
    if (queue === "" || this.#isReading) return "";
    this.#isReading = true;
    const before = this.#state.inside?.queue;
    try {
      const { client } = this.#session;
      const [{ workers }, { tasks }] = await Promise.all([
        client.worker.listWorkers({ queue, pageSize: mostTasks }, briefly),
        client.queue.listTasks({ filter: { queue }, pageSize: mostTasks }, briefly),
      ]);
      const state = this.#state;
      // It was left meanwhile.
      if (before !== state.inside?.queue) return "";
      if (state.inside === null) state.chosen = "";
      state.inside = { queue, workers, tasks };
    } finally {
      this.#isReading = false;
    }
    return "";
  }
}
