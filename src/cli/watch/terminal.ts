/** The terminal as a page: cells are drawn where they changed, keys and clicks are told, and all is put back at the end. */
import { createTerminal, type Terminal } from "terminal-kit";
import type { Canvas, Style } from "./canvas.js";
import type { Click, Key } from "./keys.js";
import type { Size } from "./layout.js";

export interface TerminalOptions {
  /** Its kind, as the environment says. */
  readonly kind: string;
  readonly hasColor: boolean;
  readonly has256Colors: boolean;
  readonly typed: (key: Key) => void;
  readonly clicked: (click: Click) => void;
  readonly resized: () => void;
}

export interface FullScreen {
  readonly size: Size;
  /** Takes the terminal, which is put back by `leave`. */
  enter(): void;
  leave(): void;
  draw(canvas: Canvas): void;
}

const CLICKS: Readonly<Record<string, Click["kind"]>> = {
  MOUSE_LEFT_BUTTON_PRESSED: "press",
  MOUSE_WHEEL_UP: "up",
  MOUSE_WHEEL_DOWN: "down",
};

export function openTerminal(options: TerminalOptions): FullScreen {
  const { hasColor, typed, clicked, resized } = options;
  const { stdin, stdout, stderr } = process;
  const terminal = createTerminal({ stdin, stdout, stderr, isTTY: true, generic: genericOf(options) });
  let isEntered = false;
  let drawn: { readonly canvas: Canvas; readonly columns: number; readonly rows: number } | undefined;
  const sequences = new WeakMap<Style, string>();
  const sequenceOf = (style: Style): string => {
    const known = sequences.get(style) ?? sequenceOfStyle(terminal, style, hasColor);
    sequences.set(style, known);
    return known;
  };
  terminal.on("key", (name) => typed(name));
  terminal.on("mouse", (name, { x, y }) => {
    const kind = CLICKS[name];
    if (kind) clicked({ kind, x: x - 1, y: y - 1 });
  });
  terminal.on("resize", () => {
    if (isEntered) resized();
  });
  return {
    get size() {
      return { columns: terminal.width, rows: terminal.height };
    },
    enter() {
      if (isEntered) return;
      isEntered = true;
      drawn = undefined;
      terminal.grabInput({ mouse: "button" });
      terminal.fullscreen();
      terminal.hideCursor();
    },
    leave() {
      if (!isEntered) return;
      isEntered = false;
      terminal.styleReset();
      terminal.mouseSGR(false);
      terminal.grabInput(false);
      terminal.fullscreen(false);
      terminal.hideCursor(false);
    },
    draw(canvas) {
      if (!isEntered) return;
      const { width: columns, height: rows } = terminal;
      // What becomes of a screen that gets another size, each terminal does otherwise.
      if (drawn && (drawn.columns !== columns || drawn.rows !== rows)) {
        terminal.clear();
        drawn = undefined;
      }
      let sequence = "";
      for (const { x, y, style, text } of canvas.changesFrom(drawn?.canvas))
        sequence += moveTo(x, y) + sequenceOf(style) + text;
      drawn = { canvas, columns, rows };
      // At once: a terminal that shows what it has between two pieces would flicker.
      if (sequence !== "") stdout.write(sequence + terminal.optimized.styleReset);
    },
  };
}

/** Few terminals are told apart: what nearly all know is enough. */
function genericOf({ kind, has256Colors }: Pick<TerminalOptions, "kind" | "has256Colors">): string {
  if (kind.startsWith("linux")) return "linux";
  return has256Colors ? "xterm-256color" : "xterm";
}

/** As all of them know it. The package's own is put together anew for each piece. */
function moveTo(x: number, y: number): string {
  return `\u001b[${y + 1};${x + 1}H`;
}

/** What makes the characters behind it look so, whatever was set before. */
function sequenceOfStyle(
  { optimized }: Terminal,
  { color, isBold, isDim, isInverse }: Style,
  hasColor: boolean,
): string {
  const parts = [
    ...[optimized.styleReset, color !== undefined && hasColor && optimized.color256[color]],
    ...[isBold && optimized.bold, isDim && optimized.dim, isInverse && optimized.inverse],
  ];
  return parts.filter((part) => typeof part === "string").join("");
}
