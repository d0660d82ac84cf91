/** Figures of fleets as tables, and where they stand in the page. */
import type { LightFigures } from "./light-fleet.js";
import type { DaemonFigures } from "./real-daemons.js";

/** Marks of a page between which figures stand. */
export const SECTIONS = { figures: ["<!-- figures: begin -->", "<!-- figures: end -->"] } as const;

export function lightRows(figures: readonly LightFigures[]): string[] {
  if (figures.length === 0) return [];
  return table(
    [
      ...["clients", "way", "points", "points/s", "relays' CPU", "database's CPU", "balancers' CPU"],
      ...["relays' memory, idle and most", "streams", "max / min", "p50", "p99", "tried again", "counted"],
    ],
    figures.map((each) => {
      const points = each.clients * each.packs * each.points;
      return [
        ...[number(each.clients), each.balancers > 1 ? `${each.way} x ${each.balancers}` : each.way],
        ...[number(points), number(points / each.sendSeconds)],
        ...[each.relayCpuUs, each.databaseCpuUs, each.balancerCpuUs].map((us) => `${us.toFixed(1)} us`),
        `${megabytes(each.relayRssIdle)}; ${megabytes(each.relayRssMax)}`,
        ...[each.streams.map(number).join(", "), spreadOf(each.streams)],
        ...[each.p50Ms, each.p99Ms].map((ms) => (ms === undefined ? "" : `${number(ms)} ms`)),
        ...[number(each.retries), verdict(each.faults)],
      ];
    }),
  );
}

export function daemonRows(figures: readonly DaemonFigures[]): string[] {
  if (figures.length === 0) return [];
  return table(
    [
      ...["daemons", "way", "together", "points", "time", "relays' CPU a point", "a daemon's memory, most"],
      ...["relays' memory", "counted"],
    ],
    figures.map((each) => [
      ...[number(each.daemons), each.way, number(each.together), number(each.daemons * each.points)],
      ...[`${number(each.seconds)} s`, `${each.relayCpuUs.toFixed(1)} us`, megabytes([each.daemonRssMax])],
      ...[megabytes(each.relayRssMax), verdict(each.faults)],
    ]),
  );
}

/** The most streams of a relay over the fewest. */
export function spreadOf(streams: readonly number[]): string {
  const least = Math.min(...streams);
  return least === 0 ? "one has none" : (Math.max(...streams) / least).toFixed(2);
}

/** A text with other lines between two marks. Throws where it lacks them. */
export function withSection(text: string, [begin, end]: readonly [string, string], lines: string): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`the page lacks ${begin} and ${end}`);
  return `${text.slice(0, from + begin.length)}\n${lines}\n${text.slice(to)}`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line)];
}

function verdict(faults: readonly string[]): string {
  return faults.length === 0 ? "exact" : faults.join("; ");
}

function megabytes(bytes: readonly number[]): string {
  return `${bytes.map((each) => (each / 2 ** 20).toFixed(0)).join(", ")} MB`;
}

function number(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}
