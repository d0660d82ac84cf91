/** What is shown, as a table and as a picture. */
import type { Curve } from "../../gen/stepwell/v1/curves.js";
import type { LineStyle } from "./line-style.js";

const COLUMNS = "run,key,x_first,x_last,points,min,max,first,last,nan,positive_infinity,negative_infinity";

/** Four bytes each at the most, of 255. */
const NAME_LETTERS_MAX = 60;

/** The buckets of curves as CSV. A cell that a table's program would take for a formula begins with a quote. */
export function csvOf(curves: readonly Curve[], nameOf: (runId: string) => string): string {
  const rows = curves.flatMap((curve) =>
    curve.points.map((points, at) =>
      [
        ...[cell(nameOf(curve.runId)), cell(curve.key), curve.xFirst[at], curve.xLast[at], points],
        ...[curve.min[at], curve.max[at], curve.first[at], curve.last[at]],
        ...[
          curve.nanPoints[at] ?? 0,
          curve.positiveInfinityPoints[at] ?? 0,
          curve.negativeInfinityPoints[at] ?? 0,
        ],
      ].join(","),
    ),
  );
  return `${[COLUMNS, ...rows].join("\n")}\n`;
}

/** A plot's picture with a title and the runs' names, on a ground that is not transparent. */
export async function pngOf(
  plot: HTMLCanvasElement,
  title: string,
  names: readonly { readonly name: string; readonly style: LineStyle }[],
  colors: { readonly ground: string; readonly text: string },
): Promise<Blob> {
  const line = 18 * devicePixelRatio;
  const canvas = document.createElement("canvas");
  canvas.width = plot.width;
  canvas.height = plot.height + line * (names.length + 2);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser draws no pictures.");
  context.fillStyle = colors.ground;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.font = `600 ${13 * devicePixelRatio}px system-ui, sans-serif`;
  context.fillStyle = colors.text;
  context.fillText(title, line / 2, line);
  context.drawImage(plot, 0, line * 1.4);
  context.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
  for (const [at, { name, style }] of names.entries()) {
    const base = plot.height + line * (at + 2.2);
    context.strokeStyle = style.color;
    context.lineWidth = 2 * devicePixelRatio;
    context.setLineDash(style.dash.map((length) => length * devicePixelRatio));
    context.beginPath();
    context.moveTo(line / 2, base - line / 4);
    context.lineTo(line * 2.2, base - line / 4);
    context.stroke();
    context.fillText(name, line * 2.6, base);
  }
  return await new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error("The picture could not be made."))),
      "image/png",
    ),
  );
}

/** Hands a file to the reader. */
export function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = fileNameOf(name);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Letters of any language, digits, dots and dashes; as long as all file systems take. */
export function fileNameOf(name: string): string {
  const [, stem = "", ending = ""] = /^(.*?)(\.\w+)?$/su.exec(name) ?? [];
  const safe = stem.replace(/[^\p{L}\p{N}_.-]+/gu, "-").replace(/^\.+/, "");
  return `${Array.from(safe).slice(0, NAME_LETTERS_MAX).join("") || "curve"}${ending}`;
}

function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
