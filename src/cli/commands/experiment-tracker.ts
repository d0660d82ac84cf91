import { EXIT } from "../../errors/table.js";
import { ComponentType } from "../../gen/stepwell/v1/stacks.js";
import { readRegistration } from "../arguments.js";
import { connect } from "../connect.js";
import type { Context } from "../context.js";
import type { OutputOptions } from "../options.js";
import { render } from "../output.js";
import { COMPONENT_COLUMNS, componentView } from "../views.js";

const type = ComponentType.COMPONENT_TYPE_EXPERIMENT_TRACKER;

/** Options of `experiment-tracker register`. */
export interface RegisterOptions extends OutputOptions {
  readonly flavor: string;
}

/** `experiment-tracker register NAME --flavor=FLAVOR [--key=value...]`. */
export async function register(
  context: Context,
  words: readonly string[],
  options: RegisterOptions,
): Promise<number> {
  const { name, configuration } = readRegistration(words);
  const connection = await connect(context);
  try {
    const request = { type, name, flavor: options.flavor, configuration };
    const { component } = await connection.call(
      connection.stacks.registerComponent.bind(connection.stacks),
      request,
    );
    context.stderr(`Registered experiment tracker ${name}.\n`);
    if (component && options.output !== "table") {
      context.stdout(render({ kind: "record", record: componentView(component) }, options.output));
    }
    return EXIT.ok;
  } finally {
    connection.close();
  }
}

/** `experiment-tracker list`, by name. */
export async function list(context: Context, options: OutputOptions): Promise<number> {
  const connection = await connect(context);
  try {
    const { components } = await connection.call(connection.stacks.listComponents.bind(connection.stacks), {
      type,
    });
    if (components.length === 0) context.stderr("There are no experiment trackers yet.\n");
    const items = components.map(componentView);
    context.stdout(render({ kind: "list", columns: COMPONENT_COLUMNS, items }, options.output));
    return EXIT.ok;
  } finally {
    connection.close();
  }
}
