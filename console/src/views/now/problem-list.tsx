import { useState } from "preact/hooks";
import { type Problem, ProblemSeverity } from "../../../../gen/sitq/v1/monitor_service_pb.js";
import { fileView } from "../../live/session.ts";
import { href } from "../../route.ts";
import { Age } from "../../ui/age.tsx";
import { CommandLine } from "../../ui/command-line.tsx";
import { count, enumName } from "../../ui/text.ts";
import { visible } from "../../ui/visible.ts";

/** How many problems of one kind are shown one by one at first. */
const mostOfKind = 3;

/** What is wrong, worst first, each with the command to type next; many of one kind are folded. */
export function ProblemList({ problems }: { readonly problems: readonly Problem[] }) {
  // Of a file it is not known: its workers are not there.
  if (problems.length === 0) return fileView.value === null ? <p class="well">All is well.</p> : null;
  const kinds = Map.groupBy(problems, ({ severity, kind }) => `${severity} ${kind}`);
  return (
    <section aria-label="What is wrong">
      <ul class="problems">
        {[...kinds].map(([key, group]) => (
          <Kind key={key} problems={group} />
        ))}
      </ul>
    </section>
  );
}

/** Problems of one kind. */
function Kind({ problems }: { readonly problems: readonly Problem[] }) {
  const [isOpen, setOpen] = useState(false);
  const shown = isOpen ? problems : problems.slice(0, mostOfKind);
  const hidden = problems.slice(mostOfKind).reduce((sum, { subjectCount }) => sum + Math.max(1, subjectCount), 0);
  return (
    <>
      {shown.map((problem) => (
        <ProblemItem key={keyOf(problem)} problem={problem} />
      ))}
      {hidden > 0 && (
        <li class={classOf(problems[0])}>
          <button type="button" class="quiet" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {isOpen ? "Show fewer" : `And ${count(hidden)} more like this`}
          </button>
        </li>
      )}
    </>
  );
}

function ProblemItem({ problem }: { readonly problem: Problem }) {
  const { severity, message, sinceTime, command } = problem;
  const to = placeOf(problem);
  const text = visible(message);
  return (
    <li class={classOf(problem)}>
      <span class="severity">{enumName(ProblemSeverity, severity)}</span>
      <span class="message">
        {to === null ? text : <a href={to}>{text}</a>}{" "}
        {sinceTime !== undefined && (
          <span class="muted">
            (<Age at={sinceTime} />)
          </span>
        )}
      </span>
      {command !== "" && <CommandLine command={command} />}
    </li>
  );
}

/** The view of what has the problem; `null`: it has none. */
function placeOf({ subject }: Problem): string | null {
  switch (subject.case) {
    case "queue":
      return href(["queue", subject.value]);
    case "subscription":
      return href(["subscription", subject.value]);
    case "workflowId":
      return href(["workflow", subject.value]);
    case "workerId":
      // Workers have no view of their own.
      return href(["workers"]);
    case "serviceName":
      return href(["service", subject.value]);
    case undefined:
      return null;
  }
}

function classOf(problem: Problem | undefined): string {
  return `severity-${enumName(ProblemSeverity, problem?.severity ?? ProblemSeverity.UNSPECIFIED)}`;
}

function keyOf({ kind, subject }: Problem): string {
  return `${kind} ${subject.case ?? ""} ${subject.value ?? ""}`;
}
