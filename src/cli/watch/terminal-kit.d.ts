/** What is used of terminal-kit, which has no types of its own. */
declare module "terminal-kit" {
  /** Sequences of the terminal's kind. */
  interface Optimized {
    readonly styleReset: string;
    readonly color256: readonly string[];
    readonly bold: string;
    readonly dim: string;
    readonly inverse: string;
  }

  interface Terminal {
    readonly width: number;
    readonly height: number;
    readonly optimized: Optimized;
    clear(): void;
    fullscreen(isOn?: false): void;
    hideCursor(isOn?: false): void;
    mouseSGR(isOn?: false): void;
    styleReset(): void;
    grabInput(options: false | { readonly mouse: "button" }): void;
    on(event: "key", listener: (name: string) => void): void;
    on(
      event: "mouse",
      listener: (name: string, at: { readonly x: number; readonly y: number }) => void,
    ): void;
    on(event: "resize", listener: () => void): void;
  }

  export function createTerminal(options: {
    readonly stdin: NodeJS.ReadStream;
    readonly stdout: NodeJS.WriteStream;
    readonly stderr: NodeJS.WriteStream;
    readonly isTTY: boolean;
    readonly generic: string;
  }): Terminal;
}
