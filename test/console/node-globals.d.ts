/** These tests know the types of a browser and of Node. This is of Node's `performance`, and no browser's has it. */
interface Performance {
  readonly eventLoopUtilization: typeof import("node:perf_hooks").performance.eventLoopUtilization;
}
