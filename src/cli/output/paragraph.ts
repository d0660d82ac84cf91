import type { Context } from "../context.js";
import { visible } from "./people.js";
import { wrapTo } from "./text-width.js";

/** A text that may have others' words in it, in lines within the terminal. */
export function paragraph({ screen }: Pick<Context, "screen">, text: string, margin = ""): string {
  const lines = screen ? wrapTo(visible(text), screen.columns - margin.length) : [visible(text)];
  return lines.map((line) => `${margin}${line}\n`).join("");
}
