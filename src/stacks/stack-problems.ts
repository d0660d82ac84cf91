import { StepwellError } from "../errors/stepwell-error.js";
import type { Stack } from "./component.js";
import { checkedConfiguration } from "./flavors.js";
import type { StackBook } from "./stack-book.js";
import { checkParts, partsOf } from "./stack-parts.js";

/** What would keep runs of a stack from being delivered, a sentence each, as far as the state store can tell. */
export function problemsOf(stacks: StackBook, stack: Stack): string[] {
  const components = partsOf(stack).flatMap((id) => stacks.componentById(id) ?? []);
  const none = stack.experimentTrackers.length === 0 ? ["The stack holds no experiment tracker."] : [];
  const checks = [
    ...components.map(({ type, flavor, configuration }) => () => {
      checkedConfiguration(type, flavor, configuration, configuration);
    }),
    () => checkParts(stack, (id) => stacks.componentById(id)),
  ];
  return [...none, ...checks.flatMap(faultsOf)];
}

function faultsOf(check: () => void): string[] {
  try {
    check();
    return [];
  } catch (error) {
    if (error instanceof StepwellError) return [error.message];
    throw error;
  }
}
