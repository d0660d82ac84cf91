import { stringify } from "yaml";
import type { Plain } from "./answer.js";

/**
 * The value as the YAML library writes it. Texts that a reader of YAML 1.1, as Python's is, would take for something
 * else, such as `no`, are quoted.
 */
export function yaml(value: Plain): string {
  return stringify(value, { compat: "yaml-1.1", lineWidth: 0, aliasDuplicateObjects: false });
}
