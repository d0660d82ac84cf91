/** What -x may set, for the help of deploy. */
import { LOCAL_SETTINGS } from "../../deploy/local-settings.js";
import { platformSettings } from "../../deploy/platform/platform-settings.js";
import type { DeploymentSetting } from "../../deploy/settings.js";
import { wrapTo } from "../output/text-width.js";

/** A list for each provider. */
export function deploySettingsHelp(): string {
  const shared = platformSettings("kubernetes");
  const more = (["aws", "gcp", "azure"] as const).map((cloud) =>
    listed(`${cloud}, beside those`, platformSettings(cloud).slice(shared.length)),
  );
  return [listed("local", LOCAL_SETTINGS), listed("any other", shared), ...more].join("");
}

function listed(where: string, settings: readonly DeploymentSetting[]): string {
  return `\nSettings for -x with --provider=${where}:\n${settings.map(lineOf).join("")}`;
}

function lineOf({ name, meaning }: DeploymentSetting): string {
  const [first = "", ...rest] = wrapTo(meaning, 56);
  return [`  ${name.padEnd(20)} ${first}`, ...rest.map((line) => " ".repeat(23) + line), ""].join("\n");
}
