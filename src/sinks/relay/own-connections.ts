/** A client of a relay, whose connections go when it is closed. */
import type { Socket } from "node:net";
import { ChannelCredentials, type ChannelOptions, Client, type experimental } from "@grpc/grpc-js";
import { CHANNEL_OPTIONS, type RelayAddress } from "./address.js";

/** How long a connection has to say that it ends. */
const END_MS = 1_000;

/** Opens a client over a connection of its own, and says how both are closed. */
export function openClient(
  { target, channelOptions }: RelayAddress,
  credentials: ChannelCredentials,
  more: ChannelOptions = {},
): { readonly client: Client; readonly close: () => void } {
  const connections = new OwnConnections(credentials);
  const client = new Client(target, connections, { ...CHANNEL_OPTIONS, ...more, ...channelOptions });
  return {
    client,
    close: () => {
      client.close();
      connections.close();
    },
  };
}

/**
 * Credentials of one channel. A channel that is closed while it waits before it connects again still does so when the wait is over, in grpc-js 1.14,
 * and nobody ends that connection: behind an outage each home had some of them at a relay for a minute, and a balancer
 * that counts connections took that relay for the fuller one.
 */
export class OwnConnections extends ChannelCredentials {
  readonly #of: ChannelCredentials;
  readonly #sockets = new Set<Socket>();
  #isClosed = false;

  constructor(of: ChannelCredentials) {
    super();
    this.#of = of;
  }

  _isSecure(): boolean {
    return this.#of._isSecure();
  }

  _equals(other: ChannelCredentials): boolean {
    return other === this;
  }

  _createSecureConnector(
    ...args: Parameters<ChannelCredentials["_createSecureConnector"]>
  ): experimental.SecureConnector {
    const connector = this.#of._createSecureConnector(...args);
    return {
      connect: async (socket) => {
        this.#sockets.add(socket);
        socket.once("close", () => this.#sockets.delete(socket));
        if (this.#isClosed) socket.destroy();
        return await connector.connect(socket);
      },
      waitForReady: async () => {
        if (this.#isClosed) throw new Error("The channel is closed.");
        await connector.waitForReady();
      },
      getCallCredentials: () => connector.getCallCredentials(),
      destroy: () => connector.destroy(),
    };
  }

  /** Lets nothing connect any more, and ends what is connected still a second later. */
  close(): void {
    this.#isClosed = true;
    const end = () => {
      for (const socket of this.#sockets) socket.destroy();
    };
    setTimeout(end, END_MS).unref();
  }
}
