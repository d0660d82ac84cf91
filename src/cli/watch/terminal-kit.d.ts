/** What is used of terminal-kit, which has no types of its own. */
declare module "terminal-kit" {
  interface Attributes {
    readonly color: number | "default";
    readonly bgColor: "default";
    readonly bold: boolean;
    readonly dim: boolean;
    readonly inverse: boolean;
  }

  interface Terminal {
    readonly width: number;
    readonly height: number;
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

  export class ScreenBuffer {
    constructor(options: { readonly dst: Terminal; readonly width: number; readonly height: number });
    put(options: { readonly x: number; readonly y: number; readonly attr: Attributes }, text: string): void;
    draw(options: { readonly delta: boolean }): void;
  }
}
