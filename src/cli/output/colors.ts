/** Few colours, and only for what wants a look: none for what is well. */
import { styleText } from "node:util";
import { ERROR_WORDS, GOOD_WORDS, WARN_WORDS } from "./loud-words.js";
import type { Screen } from "./screen.js";

type Style = "bold" | "dim" | "red" | "yellow" | "green" | "cyan";

/** The text in a style, where the terminal shows any. */
export function styled(screen: Pick<Screen, "hasColor"> | undefined, style: Style, text: string): string {
  if (!screen?.hasColor || text === "") return text;
  // Whether it is wanted was asked: of what standard output is now it would ask again.
  return styleText(style, text, { validateStream: false });
}

/** A word that says how something stands, in its colour. */
export function statusColored(screen: Screen, word: string, text = word): string {
  if (ERROR_WORDS.has(word)) return styled(screen, "red", text);
  if (WARN_WORDS.has(word)) return styled(screen, "yellow", text);
  return GOOD_WORDS.has(word) ? styled(screen, "green", text) : text;
}
