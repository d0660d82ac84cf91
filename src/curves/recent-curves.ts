import type { Curve } from "./curve.js";

/** Curves that were read last, so that who follows some does not read them again each time. They are only looked at. */
export class RecentCurves {
  readonly #bytesMax: number;
  readonly #curves = new Map<string, Curve>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get(name: string): Curve | undefined {
    const curve = this.#curves.get(name);
    if (!curve) return undefined;
    this.#curves.delete(name);
    this.#curves.set(name, curve);
    return curve;
  }

  keep(name: string, curve: Curve): void {
    if (this.#curves.has(name)) return;
    this.#curves.set(name, curve);
    this.#bytes += curve.bytes;
    for (const [least, { bytes }] of this.#curves) {
      if (this.#bytes <= this.#bytesMax) return;
      this.#curves.delete(least);
      this.#bytes -= bytes;
    }
  }
}
