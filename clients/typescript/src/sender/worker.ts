/** The sender's thread: its event loop turns while the caller's is busy with training. */
import { parentPort, workerData } from "node:worker_threads";
import { Counters } from "../counters.js";
import { DaemonFinder } from "./daemon-finder.js";
import type { Order, Report, SenderStart } from "./report.js";
import { Sender } from "./sender.js";

const start = workerData as SenderStart;

const sender = new Sender({
  finder: new DaemonFinder(start.settings),
  counters: new Counters(start.counters),
  producerId: start.producerId,
  process: start.process,
  clientVersion: start.clientVersion,
  report: (report: Report) => parentPort?.postMessage(report),
  onEnded: () => parentPort?.close(),
});

parentPort?.on("message", (order: Order) => {
  if (order.kind === "batch") sender.add(order.batch);
  else if (order.kind === "ended") sender.tell(order.run);
  else sender.close();
});
