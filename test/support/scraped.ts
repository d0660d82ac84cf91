/** What Prometheus would read of a process. */

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The samples of one answer, by their names. */
export type Samples = ReadonlyMap<string, readonly Sample[]>;

/** The samples of Prometheus' text format. Throws for a line that is neither one nor a comment. */
export function samplesOf(text: string): Samples {
  const all = new Map<string, Sample[]>();
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const [, name = "", inner = "", value = ""] =
      /^([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === "") throw new Error(`no sample: ${line}`);
    const labels = Object.fromEntries(
      [...inner.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = "", text = ""]) => [key, text]),
    );
    const samples = all.get(name) ?? [];
    samples.push({ labels, value: Number(value) });
    all.set(name, samples);
  }
  return all;
}

/** The sum over all samples of a name that have these labels. */
export function sumOf(samples: Samples, name: string, labels: Readonly<Record<string, string>> = {}): number {
  const fitting = (samples.get(name) ?? []).filter((sample) =>
    Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  );
  return fitting.reduce((sum, { value }) => sum + value, 0);
}

/** Reads an address once. */
export async function scrape(url: string): Promise<Samples> {
  const answer = await fetch(url);
  if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return samplesOf(await answer.text());
}

/** The address at which a process says that its metrics can be read. */
export function metricsUrlOf(log: string): string | undefined {
  return /"metrics can be read","url":"([^"]+)"/.exec(log)?.[1];
}
