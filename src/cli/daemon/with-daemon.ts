import type { Context } from "../context.js";
import { connect, type StartPlace } from "./connect.js";
import type { Connection } from "./find-daemon.js";

/** What a command does with a daemon, which is started where none answers; closes the connection afterwards. */
export async function withDaemon<Value>(
  context: Context,
  action: (connection: Connection) => Promise<Value>,
  place: StartPlace = "anywhere",
): Promise<Value> {
  const connection = await connect(context, place);
  try {
    return await action(connection);
  } finally {
    connection.close();
  }
}

/** The same for a question: where there is no home, nothing is made. */
export async function askDaemon<Value>(
  context: Context,
  action: (connection: Connection) => Promise<Value>,
): Promise<Value> {
  return await withDaemon(context, action, "in a home");
}
