import { EXIT } from "../../errors/table.js";
import type { Stack } from "../../gen/stepwell/v1/stacks.js";
import { connect } from "../connect.js";
import type { Context } from "../context.js";
import type { OutputOptions } from "../options.js";
import { type Format, render } from "../output.js";
import { STACK_COLUMNS, stackView } from "../views.js";

/** Options of `stack register`. */
export interface RegisterOptions extends OutputOptions {
  readonly experimentTracker: readonly string[];
  readonly artifactStore: string;
  readonly orchestrator: string;
  readonly set?: true;
}

/** `stack register`. */
export async function register(context: Context, name: string, options: RegisterOptions): Promise<number> {
  const connection = await connect(context);
  try {
    const request = {
      name,
      experimentTrackers: [...options.experimentTracker],
      artifactStore: options.artifactStore,
      orchestrator: options.orchestrator,
      setActive: options.set ?? false,
    };
    const { stack } = await connection.call(connection.stacks.registerStack.bind(connection.stacks), request);
    context.stderr(`Registered stack ${name}${stack?.active ? " and made it the active one" : ""}.\n`);
    return showChanged(context, stack, options.output);
  } finally {
    connection.close();
  }
}

/** `stack set`: makes a stack the active one. */
export async function set(context: Context, name: string, options: OutputOptions): Promise<number> {
  const connection = await connect(context);
  try {
    const { stack } = await connection.call(connection.stacks.setActiveStack.bind(connection.stacks), {
      stack: name,
    });
    context.stderr(`The active stack is ${stack?.name ?? name}.\n`);
    return showChanged(context, stack, options.output);
  } finally {
    connection.close();
  }
}

/** `stack list`, by name. */
export async function list(context: Context, options: OutputOptions): Promise<number> {
  const connection = await connect(context);
  try {
    const { stacks } = await connection.call(connection.stacks.listStacks.bind(connection.stacks), {});
    if (stacks.length === 0) context.stderr("There are no stacks yet.\n");
    context.stdout(
      render({ kind: "list", columns: STACK_COLUMNS, items: stacks.map(stackView) }, options.output),
    );
    return EXIT.ok;
  } finally {
    connection.close();
  }
}

/** People have read what was done; programs get the stack. */
function showChanged(context: Context, stack: Stack | undefined, format: Format): number {
  if (stack && format !== "table") {
    context.stdout(render({ kind: "record", record: stackView(stack) }, format));
  }
  return EXIT.ok;
}
