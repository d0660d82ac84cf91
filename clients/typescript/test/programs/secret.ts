/** Gives a secret away, and shows all that it has in its hands: the client, the calls, the errors and the answer. */
import { inspect } from "node:util";
import { StepwellClient } from "../../src/index.js";

const client = new StepwellClient();
for (let time = 0; time < 3; time++) {
  const call = client.createSecret("name", { key: process.env["CANARY"] ?? "" }, { timeoutMs: 120_000 });
  console.log(inspect([client, call], { depth: 9, showHidden: true }));
  const shown = await call.then(
    (made) => ["made", made],
    (error: unknown) => error,
  );
  console.log(inspect(shown, { depth: 9, showHidden: true }), JSON.stringify(shown), String(shown));
}
await client.close();
