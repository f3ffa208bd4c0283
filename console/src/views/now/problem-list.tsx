import { type Problem, ProblemSeverity } from "../../../../gen/sitq/v1/monitor_service_pb.js";
import { Age } from "../../ui/age.tsx";
import { CommandLine } from "../../ui/command-line.tsx";
import { enumName } from "../../ui/text.ts";

/** What is wrong, worst first, each with the command to type next. */
export function ProblemList({ problems }: { readonly problems: readonly Problem[] }) {
  if (problems.length === 0) return <p class="well">All is well.</p>;
  return (
    <section aria-label="What is wrong">
      <ul class="problems">
        {problems.map((problem) => (
          <li key={keyOf(problem)} class={`severity-${enumName(ProblemSeverity, problem.severity)}`}>
            <span class="severity">{enumName(ProblemSeverity, problem.severity)}</span>
            <span>
              {problem.message}{" "}
              {problem.sinceTime !== undefined && (
                <span class="muted">
                  (<Age at={problem.sinceTime} />)
                </span>
              )}
            </span>
            {problem.command !== "" && <CommandLine command={problem.command} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function keyOf({ kind, subject }: Problem): string {
  return `${kind} ${subject.case ?? ""} ${subject.value ?? ""}`;
}
