import type { DeliveryFlow, QueueFlow } from "../domain/tasks/queue-flow.ts";
import type { TaskChange } from "../domain/tasks/task.ts";
import type { WorkflowChange } from "../domain/workflows/workflow.ts";
import type { Changes, Watched } from "./changes.ts";
import type { DiskState, SlowCommit, Store } from "./store.ts";

/** Those who listen to a store. */
export class StoreListeners {
  private readonly tasks = new Set<(changes: readonly TaskChange[]) => void>();
  private readonly workflows = new Set<(changes: readonly WorkflowChange[]) => void>();
  private readonly ready = new Set<(queue: string, n: number) => void>();
  private readonly flows = new Set<(flows: readonly QueueFlow[]) => void>();
  private readonly deliveries = new Set<(flows: readonly DeliveryFlow[]) => void>();
  private readonly disk = new Set<(disk: DiskState) => void>();
  private readonly reachable = new Set<(isReachable: boolean) => void>();
  private readonly slowCommits = new Set<(commit: SlowCommit) => void>();
  /** The last that was reported; `null`: nothing was. */
  private lastDisk: DiskState | null = null;

  /** Calls the listeners of what a commit changed. */
  report({ tasks, workflows, flows, deliveries, ready }: Changes): void {
    for (const [queue, n] of ready) for (const listener of this.ready) listener(queue, n);
    if (flows.length > 0) for (const listener of this.flows) listener(flows);
    if (deliveries.length > 0) for (const listener of this.deliveries) listener(deliveries);
    if (tasks.length > 0) for (const listener of this.tasks) listener(tasks);
    if (workflows.length > 0) for (const listener of this.workflows) listener(workflows);
  }

  /** Calls the listeners of the disk. */
  reportDisk(disk: DiskState): void {
    this.lastDisk = disk;
    for (const listener of this.disk) listener(disk);
  }

  /** Calls the listeners of whether the storage can be reached. */
  reportReachable(isReachable: boolean): void {
    for (const listener of this.reachable) listener(isReachable);
  }

  /** Calls the listeners of slow commits. */
  reportSlowCommit(commit: SlowCommit): void {
    for (const listener of this.slowCommits) listener(commit);
  }

  /** The functions of a store that add listeners. @param watch is called when what is listened to changes */
  functions(
    watch: (watched: Watched) => void,
  ): Pick<
    Store,
    | "subscribe"
    | "subscribeWorkflows"
    | "onReady"
    | "onFlow"
    | "onDeliveryFlow"
    | "onDisk"
    | "onReachable"
    | "onSlowCommit"
  > {
    const change = () => watch({ tasks: this.tasks.size > 0, workflows: this.workflows.size > 0 });

    function listen<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
      listeners.add(listener);
      if (listeners.size === 1) change();
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) change();
      };
    }

    return {
      subscribe: (listener) => listen(this.tasks, listener),
      subscribeWorkflows: (listener) => listen(this.workflows, listener),
      onReady: (listener) => {
        this.ready.add(listener);
        return () => this.ready.delete(listener);
      },
      onReachable: (listener) => {
        this.reachable.add(listener);
        return () => this.reachable.delete(listener);
      },
      onSlowCommit: (listener) => {
        this.slowCommits.add(listener);
        return () => this.slowCommits.delete(listener);
      },
      onFlow: (listener) => {
        this.flows.add(listener);
        return () => this.flows.delete(listener);
      },
      onDeliveryFlow: (listener) => {
        this.deliveries.add(listener);
        return () => this.deliveries.delete(listener);
      },
      onDisk: (listener) => {
        if (this.lastDisk !== null) listener(this.lastDisk);
        this.disk.add(listener);
        return () => this.disk.delete(listener);
      },
    };
  }
}
