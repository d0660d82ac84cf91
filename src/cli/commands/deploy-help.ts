/** What -x may set, for the help of deploy. */
import { type DeploymentSetting, LOCAL_SETTINGS } from "../../deploy/local-settings.js";
import { wrapTo } from "../output/text-width.js";

/** A list for each provider. */
export function deploySettingsHelp(): string {
  return `\nSettings for -x with --provider=local:\n${LOCAL_SETTINGS.map(lineOf).join("")}`;
}

function lineOf({ name, meaning }: DeploymentSetting): string {
  const [first = "", ...rest] = wrapTo(meaning, 56);
  return [`  ${name.padEnd(20)} ${first}`, ...rest.map((line) => " ".repeat(23) + line), ""].join("\n");
}
