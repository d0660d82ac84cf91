import type { Context } from "../context.js";
import { connect } from "./connect.js";
import type { Connection } from "./find-daemon.js";

/** What a command does with a daemon, which is started where none answers; closes the connection afterwards. */
export async function withDaemon<Value>(
  context: Context,
  action: (connection: Connection) => Promise<Value>,
): Promise<Value> {
  const connection = await connect(context);
  try {
    return await action(connection);
  } finally {
    connection.close();
  }
}
