import type { ComponentType } from "preact";
import type { Route } from "../route.ts";
import { EventView } from "./events/event-view.tsx";
import { EventsView } from "./events/events-view.tsx";
import { NowView } from "./now/now-view.tsx";
import { QueueView } from "./queue/queue-view.tsx";
import { ServiceView } from "./services/service-view.tsx";
import { ServicesView } from "./services/services-view.tsx";
import { SubscriptionView } from "./subscriptions/subscription-view.tsx";
import { SubscriptionsView } from "./subscriptions/subscriptions-view.tsx";
import { TaskView } from "./task/task-view.tsx";
import { FailuresView } from "./tasks/failures-view.tsx";
import { TasksView } from "./tasks/tasks-view.tsx";
import { TraceView } from "./trace/trace-view.tsx";
import { WorkersView } from "./workers/workers-view.tsx";
import { WorkflowView } from "./workflows/workflow-view.tsx";
import { WorkflowsView } from "./workflows/workflows-view.tsx";

/** A view of the console. */
export interface View {
  /** The first part of its path. */
  readonly path: string;
  /** Its name in the navigation; `null`: it is reached from other views. */
  readonly title: string | null;
  /** The path of the view in the navigation that it belongs to. Default: its own. */
  readonly under?: string;
  readonly component: ComponentType<{ readonly route: Route }>;
}

/** All views, in the order of the navigation. The first one is shown at the beginning. */
export const views: readonly View[] = [
  { path: "now", title: "Now", component: NowView },
  { path: "queue", title: null, under: "now", component: QueueView },
  { path: "tasks", title: "Tasks", component: TasksView },
  { path: "task", title: null, under: "tasks", component: TaskView },
  { path: "failures", title: null, under: "tasks", component: FailuresView },
  { path: "workflows", title: "Workflows", component: WorkflowsView },
  { path: "workflow", title: null, under: "workflows", component: WorkflowView },
  { path: "events", title: "Events", component: EventsView },
  { path: "event", title: null, under: "events", component: EventView },
  { path: "subscriptions", title: null, under: "events", component: SubscriptionsView },
  { path: "subscription", title: null, under: "events", component: SubscriptionView },
  { path: "trace", title: null, under: "events", component: TraceView },
  { path: "workers", title: "Workers", component: WorkersView },
  { path: "services", title: "Services", component: ServicesView },
  { path: "service", title: null, under: "services", component: ServiceView },
];
