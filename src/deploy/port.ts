/** Where servers of a deployment listen. */
import { connect } from "node:net";

export const LOOPBACK = "127.0.0.1";
const CONNECT_MS_MAX = 2_000;

/** Whether somebody listens at a port. Never rejects. */
export function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: LOOPBACK, port, timeout: CONNECT_MS_MAX });
    const end = (isThere: boolean) => () => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once("connect", end(true));
    socket.once("timeout", end(false));
    socket.once("error", end(false));
  });
}
