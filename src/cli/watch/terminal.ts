/** The terminal as a page: cells are drawn where they changed, keys and clicks are told, and all is put back at the end. */
import { type Attributes, createTerminal, ScreenBuffer } from "terminal-kit";
import type { Span, Style } from "./canvas.js";
import type { Click, Key } from "./keys.js";
import type { Size } from "./layout.js";

export interface TerminalOptions {
  /** Its kind, as the environment says. */
  readonly kind: string;
  readonly hasColor: boolean;
  readonly typed: (key: Key) => void;
  readonly clicked: (click: Click) => void;
  readonly resized: () => void;
}

export interface FullScreen {
  readonly size: Size;
  /** Takes the terminal, which is put back by `leave`. */
  enter(): void;
  leave(): void;
  draw(rows: readonly (readonly Span[])[]): void;
}

const CLICKS: Readonly<Record<string, Click["kind"]>> = {
  MOUSE_LEFT_BUTTON_PRESSED: "press",
  MOUSE_WHEEL_UP: "up",
  MOUSE_WHEEL_DOWN: "down",
};

export function openTerminal({ kind, hasColor, typed, clicked, resized }: TerminalOptions): FullScreen {
  const { stdin, stdout, stderr } = process;
  const terminal = createTerminal({ stdin, stdout, stderr, isTTY: true, generic: genericOf(kind) });
  let isEntered = false;
  let buffer: ScreenBuffer | undefined;
  let size = { columns: 0, rows: 0 };
  const attributes = new WeakMap<Style, Attributes>();
  const attributesOf = (style: Style): Attributes => {
    const known = attributes.get(style);
    if (known) return known;
    const made = attributesOfStyle(style, hasColor);
    attributes.set(style, made);
    return made;
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
      buffer = undefined;
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
    draw(rows) {
      if (!isEntered) return;
      if (!buffer || size.columns !== terminal.width || size.rows !== rows.length) {
        size = { columns: terminal.width, rows: rows.length };
        buffer = new ScreenBuffer({ dst: terminal, width: size.columns, height: size.rows });
      }
      for (const [y, spans] of rows.entries()) {
        let x = 0;
        for (const { text, style, cells } of spans) {
          buffer.put({ x, y, attr: attributesOf(style) }, text);
          x += cells;
        }
      }
      buffer.draw({ delta: true });
    },
  };
}

/** Few terminals are told apart: what nearly all know is enough. */
function genericOf(kind: string): string {
  if (kind.startsWith("linux")) return "linux";
  return /256|direct|kitty|alacritty|ghostty|foot|truecolor/.test(kind) ? "xterm-256color" : "xterm";
}

function attributesOfStyle({ color, isBold, isDim, isInverse }: Style, hasColor: boolean): Attributes {
  return {
    color: color !== undefined && hasColor ? color : "default",
    bgColor: "default",
    bold: isBold ?? false,
    dim: isDim ?? false,
    inverse: isInverse ?? false,
  };
}
