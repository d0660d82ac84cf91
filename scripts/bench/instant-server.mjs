/** A server that takes all that MLflow's API is sent and does nothing with it, on a port that it has again when it is started again. */
import { createServer } from "node:http";

export class InstantServer {
  #server;
  #port = 0;
  #runs = 0;
  #delayMs;
  /** Requests so far. */
  requests = 0;

  /** Each answer comes so much later than the request. */
  constructor(delayMs = 0) {
    this.#delayMs = delayMs;
  }

  get url() {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start() {
    this.#server = createServer((asked, answer) => {
      this.requests += 1;
      asked.resume();
      asked.on("end", () => {
        const body = this.#answer(asked.url);
        const type = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
        setTimeout(() => answer.writeHead(200, type).end(body), this.#delayMs);
      });
    });
    await new Promise((resolve) => this.#server.listen(this.#port, "127.0.0.1", resolve));
    this.#port = this.#server.address().port;
  }

  /** From now on nobody answers. */
  stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #answer(path) {
    if (path.endsWith("/version")) return "3.17.2";
    if (path.endsWith("/server-info")) return '{"store_type":"SqlStore"}';
    if (path.includes("/experiments/get-by-name"))
      return '{"experiment":{"experiment_id":"1","lifecycle_stage":"active"}}';
    if (path.includes("/experiments/get?"))
      return '{"experiment":{"experiment_id":"1","name":"bench","lifecycle_stage":"active"}}';
    if (path.includes("/runs/get?")) {
      const run_id = new URL(path, this.url).searchParams.get("run_id");
      return JSON.stringify({ run: { info: { run_id, experiment_id: "1", status: "RUNNING" } } });
    }
    if (path.endsWith("/runs/create"))
      return `{"run":{"info":{"run_id":"${`${++this.#runs}`.padStart(32, "0")}"}}}`;
    return "{}";
  }
}
