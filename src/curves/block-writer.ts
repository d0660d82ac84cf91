import type { FileHandle } from "node:fs/promises";

/** Writes many small pieces as a few large ones. */
export class BlockWriter {
  readonly #handle: FileHandle;
  readonly #block: Buffer;
  #filled = 0;
  offset = 0;

  constructor(handle: FileHandle, block: Buffer) {
    this.#handle = handle;
    this.#block = block;
  }

  /** Takes bytes, which may be used again afterwards. */
  async put(bytes: Uint8Array): Promise<void> {
    this.offset += bytes.length;
    for (let at = 0; at < bytes.length; ) {
      const some = bytes.subarray(at, at + this.#block.length - this.#filled);
      this.#block.set(some, this.#filled);
      this.#filled += some.length;
      at += some.length;
      if (this.#filled === this.#block.length) await this.flush();
    }
  }

  async flush(): Promise<void> {
    await this.#handle.writeFile(this.#block.subarray(0, this.#filled));
    this.#filled = 0;
  }
}
