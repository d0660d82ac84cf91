/**
 * The pass in the page's address. One for each home, made when somebody asks for the page first, so that links into
 * it may be kept. It opens nothing by itself: whoever brings it has to be the daemon's user, too.
 */
import { hash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";

const KEY = "page-pass";
const PASS_BYTES = 18;

export class PagePass {
  readonly #store: Store;
  #pass: string | undefined;
  #making: Promise<string> | undefined;

  private constructor(store: Store, pass: string | undefined) {
    this.#store = store;
    this.#pass = pass;
  }

  static async open(store: Store): Promise<PagePass> {
    return new PagePass(store, await store.get<string>(TABLES.gateway, KEY));
  }

  /** The pass; it is on disk when this resolves. */
  async give(): Promise<string> {
    if (this.#pass !== undefined) return this.#pass;
    this.#making ??= this.#make().finally(() => {
      this.#making = undefined;
    });
    return await this.#making;
  }

  is(pass: string): boolean {
    return this.#pass !== undefined && timingSafeEqual(digestOf(pass), digestOf(this.#pass));
  }

  async #make(): Promise<string> {
    const pass = randomBytes(PASS_BYTES).toString("base64url");
    await this.#store.write([{ table: TABLES.gateway, key: KEY, value: pass }], { sync: true });
    this.#pass = pass;
    return pass;
  }
}

function digestOf(pass: string): Buffer {
  return hash("sha256", pass, "buffer");
}
