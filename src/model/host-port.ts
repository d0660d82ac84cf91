/** A host with a port, as HOST:PORT has them. */
export interface HostPort {
  /** One of version 6 in brackets. */
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
}

/** Reads HOST:PORT; undefined for anything else. */
export function readHostPort(text: string): HostPort | undefined {
  const [, host = "", digits = ""] = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+):(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(digits);
  return host === "" || port > 65_535 ? undefined : { host, port };
}
