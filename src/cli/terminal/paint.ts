import { styleText } from "node:util";

/** Colours text, or leaves it as it is. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly active: (text: string) => string;
}

const styles = { bold: "bold", dim: "dim", good: "green", warning: "yellow", bad: "red", active: "cyan" } as const;

/** @param colours whether it colours at all */
export function createPaint(colours: boolean): Paint {
  const style = (name: keyof typeof styles) => (text: string) =>
    colours && text !== "" ? styleText(styles[name], text, { validateStream: false }) : text;
  return {
    bold: style("bold"),
    dim: style("dim"),
    good: style("good"),
    warning: style("warning"),
    bad: style("bad"),
    active: style("active"),
  };
}
