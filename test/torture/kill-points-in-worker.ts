/** Loaded into each worker of a daemon of the torture, before the worker's own program. */
import { standInWorker } from "./kill-points.js";

await standInWorker();
