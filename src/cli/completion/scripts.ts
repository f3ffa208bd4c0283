import type { OptionWord, Place } from "./words.ts";

/** The shells that there are scripts for. */
export const shells = ["bash", "zsh", "fish"] as const;

/** A shell by its name. */
export type ShellName = (typeof shells)[number];

/**
 * Writes the completion of `sitq` for a shell. The script holds every word: it starts no process, and evaluates nothing that was
 * typed.
 */
export const completionScripts: Readonly<Record<ShellName, (places: readonly Place[]) => string>> = {
  bash: (places) => `# Completion of sitq for bash. To load it: source <(sitq completion bash)
_sitq() {
  local current=\${COMP_WORDS[COMP_CWORD]} at= words= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at/\${COMP_WORDS[i]}" in
      ${paths(places).join(" | ")}) at="$at/\${COMP_WORDS[i]}" ;;
    esac
  done
  case "$at \${COMP_WORDS[COMP_CWORD - 1]}" in
${valueCases(places, (choices) => `words="${choices.join(" ")}"`, "return")}
    *)
      case "$at" in
${places.map((place) => `        "${place.path}") words="${wordsOf(place).join(" ")}" ;;`).join("\n")}
      esac
      ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _sitq sitq
`,

  zsh: (places) => `#compdef sitq
# Completion of sitq for zsh. To load it: source <(sitq completion zsh)
_sitq() {
  local at= word
  local -a found
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$at/$word" in
      ${paths(places).join(" | ")}) at="$at/$word" ;;
    esac
  done
  case "$at \${words[CURRENT-1]}" in
${valueCases(places, (choices) => `compadd -- ${choices.join(" ")}; return`, "_files; return")}
  esac
  case "$at" in
${places
  .map(({ path, words, options }) => {
    const entries = (PREFIX: readonly { readonly text: string; readonly does: string }[]) =>
      PREFIX.map(({ text, does }) => quoted(does === "" ? text : `${text}:${firstLine(does)}`)).join(" ");
    return `    "${path}")
      if [[ $PREFIX == -* ]]; then found=(${entries(options)}); else found=(${entries(words)}); fi
      ;;`;
  })
  .join("\n")}
  esac
  if (( \${#found} )); then _describe sitq found; else _files; fi
}
compdef _sitq sitq
`,

  fish: (places) => `# Completion of sitq for fish. To load it: sitq completion fish | source
function __sitq_at
  set -l at ""
  for word in (commandline -opc)[2..-1]
    switch "$at/$word"
      case ${paths(places).join(" ")}
        set at "$at/$word"
    end
  end
  test "$at" = "$argv[1]"
end
${places.flatMap(fishLines).join("\n")}
`,
};

/** The places that a word leads to. */
function paths(places: readonly Place[]): string[] {
  return places.flatMap(({ path }) => (path === "" ? [] : [path]));
}

function wordsOf({ words, options }: Place): string[] {
  return [...words, ...options].map(({ text }) => text);
}

/** The cases of a shell in which the word before is an option with a value. */
function valueCases(places: readonly Place[], some: (choices: readonly string[]) => string, any: string): string {
  const cases = places.flatMap(({ path, options }) => {
    const line = ({ text, choices }: OptionWord) =>
      `    "${path} ${text}") ${choices.length > 0 ? some(choices) : any} ;;`;
    return options.filter(({ takesValue }) => takesValue).map(line);
  });
  return cases.join("\n");
}

function fishLines({ path, words, options }: Place): string[] {
  const here = `complete -c sitq -n ${quoted(`__sitq_at "${path}"`)}`;
  const files = words.length > 0 ? [`${here} -f`] : [];
  return [
    ...files,
    ...words.map(({ text, does }) => `${here} -a ${text}${does === "" ? "" : ` -d ${quoted(firstLine(does))}`}`),
    ...options.map(({ text, does, takesValue, choices }) => {
      const name = text.startsWith("--") ? `-l ${text.slice(2)}` : `-s ${text.slice(1)}`;
      const value = choices.length > 0 ? ` -x -a ${quoted(choices.join(" "))}` : takesValue ? " -r" : "";
      return `${here} ${name}${value} -d ${quoted(firstLine(does))}`;
    }),
  ];
}

/** In single quotes, as all three shells read it. A quote in the text is written as a typographic one: the shells escape it differently. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "’").replaceAll("\\", "")}'`;
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}
