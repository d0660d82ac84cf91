/** Colours and signs of the page. */
import { RunStatus } from "../../gen/stepwell/v1/types.js";
import { ASCII, BRAILLE } from "../output/plot.js";
import type { Style } from "./canvas.js";

/** Of runs, of the 256 that terminals have: told apart on dark and on light ground. */
const RUN_COLORS = [33, 208, 35, 169, 99, 142, 167, 37, 137, 67] as const;

export const RED: Style = { color: 167 };
export const YELLOW: Style = { color: 172 };
export const GREEN: Style = { color: 35 };
/** Of what is behind a smoothed line. */
export const BEHIND: Style = { color: 245, isDim: true };

const RUN_STYLES: readonly Style[] = RUN_COLORS.map((color) => ({ color }));
const RUN_BOLD_STYLES: readonly Style[] = RUN_COLORS.map((color) => ({ color, isBold: true }));

/** The style of the run that was chosen so many before. */
export function runStyle(at: number): Style {
  return RUN_STYLES[at % RUN_STYLES.length] ?? GREEN;
}

export function runBoldStyle(at: number): Style {
  return RUN_BOLD_STYLES[at % RUN_BOLD_STYLES.length] ?? GREEN;
}

/** A terminal as far as signs and colours go. */
export interface Sight {
  readonly isUnicode: boolean;
  /** Whether the ten colours of runs can be told apart on it: not without colours, nor where there are 16. */
  readonly hasRunColors: boolean;
}

/** Whether a terminal of that kind has 256 colours, or more. */
export function has256Colors(kind: string, colorKind = ""): boolean {
  return /256|direct|kitty|alacritty|ghostty|foot|truecolor/.test(kind) || /truecolor|24bit/.test(colorKind);
}

/** The letter of the run that was chosen so many before, where there are several and no colours tell them apart; else empty. */
export function letterOf(
  { hasRunColors }: Signs,
  { chosen }: { readonly chosen: readonly string[] },
  at: number,
): string {
  return hasRunColors || chosen.length < 2 ? "" : String.fromCharCode("a".charCodeAt(0) + at);
}

/** What a terminal can show. */
export interface Signs extends Sight {
  readonly dots: typeof BRAILLE;
  readonly chosen: string;
  readonly pinned: string;
  readonly mark: string;
  readonly line: string;
  readonly dot: string;
  readonly ellipsis: string;
  readonly status: Readonly<Record<number, { readonly sign: string; readonly style: Style }>>;
  /** Of what no line can show, by its sign. */
  readonly odd: Readonly<Record<number, string>>;
}

export function signsOf(isUnicode: boolean, hasRunColors = true): Signs {
  const [running, finished, failed, killed] = isUnicode ? ["●", "✓", "✗", "■"] : ["*", "+", "x", "!"];
  return {
    ...{ isUnicode, hasRunColors },
    dots: isUnicode ? BRAILLE : ASCII,
    chosen: isUnicode ? "━" : "=",
    pinned: isUnicode ? "◆ " : "^ ",
    mark: isUnicode ? "▌" : ">",
    line: isUnicode ? "─" : "-",
    dot: isUnicode ? " · " : ", ",
    ellipsis: isUnicode ? "…" : "..",
    status: {
      [RunStatus.RUN_STATUS_RUNNING]: { sign: running ?? "", style: GREEN },
      [RunStatus.RUN_STATUS_SCHEDULED]: { sign: running ?? "", style: YELLOW },
      [RunStatus.RUN_STATUS_FINISHED]: { sign: finished ?? "", style: { isDim: true } },
      [RunStatus.RUN_STATUS_FAILED]: { sign: failed ?? "", style: RED },
      [RunStatus.RUN_STATUS_KILLED]: { sign: killed ?? "", style: YELLOW },
    },
    odd: isUnicode ? { 0: "×", 1: "↑", [-1]: "↓" } : { 0: "x", 1: "^", [-1]: "v" },
  };
}
