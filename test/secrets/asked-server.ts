import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ExecutionContext } from "ava";
import { until } from "../support/until.js";

/** An HTTP server that notes who asks it, and lets nobody in but those whose credentials it is told. */
export interface AskedServer {
  readonly url: string;
  /** The Authorization headers of the requests so far; "" for a request without one. */
  readonly asked: readonly string[];
  /** Resolves when a request with this header has come. */
  wasAsked(authorization: string): Promise<void>;
}

/** Starts one that refuses everybody as MLflow does. It ends with the test. */
export async function startAskedServer(t: ExecutionContext): Promise<AskedServer> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.headers.authorization ?? "");
    request.resume();
    // As servers and proxies do that quote what they were asked with, in whatever form.
    const header = request.headers.authorization ?? "";
    const decoded = Buffer.from(header.replace(/^\S+ /, ""), "base64").toString("utf8");
    const quoted = [header, decoded, encodeURIComponent(header), encodeURIComponent(decoded)].join(", ");
    response.writeHead(401, { "content-type": "text/plain" }).end(`You are not authenticated: ${quoted}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => server.close());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    wasAsked: async (authorization) => {
      await until(
        `a request with ${authorization}`,
        () => asked,
        (seen) => seen.includes(authorization),
      );
    },
  };
}
