/** The worker that matches keys: see key-filter.ts. */
import { matched } from "./key-matched.js";

addEventListener("message", ({ data }: MessageEvent<{ keys: readonly string[]; pattern: string }>) =>
  postMessage(matched(data.keys, data.pattern)),
);
