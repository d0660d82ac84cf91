/**
 * What pip was told of where packages come from, as uv takes it: uv installs MLflow in a tenth of pip's time,
 * but reads nothing of what pip was told, and an index that a company prescribes may not be passed by.
 */

/** uv's environment variables from `pip config list`; undefined if pip was told what uv can't be told alike. */
export function uvSettings(pipConfig: string): Readonly<Record<string, string>> | undefined {
  const settings = pipSettings(pipConfig);
  const told: Record<string, string> = {};
  for (const [name, value] of settings) {
    if (OF_NO_CONCERN.has(name)) continue;
    const translate = IN_UV[name];
    if (!translate) return undefined;
    Object.assign(told, translate(value));
  }
  return told;
}

type Translation = (value: string) => Readonly<Record<string, string>>;

const wordsIn = (value: string): string[] => value.split(/[\s,]+/).filter((word) => word !== "");

const IN_UV: Readonly<Record<string, Translation>> = {
  "index-url": (value) => ({ UV_DEFAULT_INDEX: value }),
  "extra-index-url": (value) => ({ UV_INDEX: wordsIn(value).join(" ") }),
  "find-links": (value) => ({ UV_FIND_LINKS: wordsIn(value).join(",") }),
  "trusted-host": (value) => ({ UV_INSECURE_HOST: wordsIn(value).join(" ") }),
  cert: (value) => ({ SSL_CERT_FILE: value }),
  proxy: (value) => ({ HTTP_PROXY: value, HTTPS_PROXY: value }),
  timeout: (value) => ({ UV_HTTP_TIMEOUT: value }),
  "default-timeout": (value) => ({ UV_HTTP_TIMEOUT: value }),
};

/** What has no say in which packages come from where. */
const OF_NO_CONCERN: ReadonlySet<string> = new Set([
  "break-system-packages",
  "cache-dir",
  "compile",
  "config-file",
  "disable-pip-version-check",
  "log",
  "no-cache-dir",
  "no-color",
  "no-compile",
  "no-input",
  "no-warn-script-location",
  "prefer-binary",
  "progress-bar",
  "quiet",
  "require-virtualenv",
  "retries",
  "root-user-action",
  "upgrade-strategy",
  "user",
  "verbose",
]);

/** pip's sections that count for `pip install`; the later ones prevail, as they do there. */
const SECTIONS = ["global", "install", ":env:"];

/** The settings of `pip install`, from lines such as `global.index-url='https://…'`. */
function pipSettings(config: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  const lines = config.split("\n").map((line) => /^(.+?)\.([^.=]+)=(['"])(.*)\3\s*$/.exec(line));
  for (const section of SECTIONS) {
    for (const line of lines) {
      const [, of, name, , value] = line ?? [];
      if (of === section && name !== undefined && value !== undefined)
        settings.set(name, value.replace(/\\(.)/g, (_, sign: string) => (sign === "n" ? "\n" : sign)).trim());
    }
  }
  return settings;
}
