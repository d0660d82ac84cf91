/** A worker that ends at its first request, without an answer. */
import { parentPort } from "node:worker_threads";

parentPort?.once("message", () => process.exit(1));
