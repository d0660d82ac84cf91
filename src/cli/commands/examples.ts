/** Examples for each command's help, by its words. A test reads each of them as the command would. */
import type { Command } from "commander";

const COMPONENTS = {
  "experiment-tracker": ["mlf", "--flavor=mlflow", "tracking_uri"],
  "artifact-store": ["files", "--flavor=local --path=/data", "path"],
  orchestrator: ["here", "--flavor=local", "description"],
} as const;

const SERVER = "--tracking_uri=https://mlflow.org";

const OF_COMPONENTS = Object.entries(COMPONENTS).flatMap(([group, [name, settings, key]]) => {
  const of = (verb: string, ...lines: string[]): [string, string[]] => [
    `${group} ${verb}`,
    lines.map((line) => `${group} ${verb}${line === "" ? "" : ` ${line}`}`),
  ];
  return [
    of("register", `${name} ${settings}`, `${name} ${settings} -i`),
    of("update", `${name} --label team=vision`, ...(key === "tracking_uri" ? [`${name} ${SERVER}`] : [])),
    of("remove-attribute", `${name} --${key}`),
    of("list", "", "--name=startswith:m -o json"),
    of("describe", name),
    of("get", ""),
    of("rename", `${name} ${name}-old`),
    of("copy", `${name} ${name}-two`),
    of("delete", name),
  ];
});

const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  "daemon start": ["daemon start"],
  "daemon stop": ["daemon stop", "daemon stop --timeout=60"],
  "daemon restart": ["daemon restart"],
  "daemon status": ["daemon status", "daemon status -o json"],
  "daemon run": ["daemon run"],
  "daemon install": ["daemon install --dry-run", "daemon install"],
  "daemon uninstall": ["daemon uninstall"],
  "daemon logs": ["daemon logs -n 20", "daemon logs -f"],
  "bundle export": [
    "bundle export /media/usb/night.bundle",
    "bundle export --run 4f2a -e away one-run.bundle",
    "bundle export --again all.bundle",
  ],
  "bundle import": [
    "bundle import /media/usb/night.bundle --to mlf",
    "bundle import --watch /scratch/spool --to mlf",
  ],
  "bundle confirm": ["bundle confirm /media/usb/night.bundle.receipt"],
  watch: ["watch", "watch 3f2a 91bc"],
  status: ["status", "status -v", "status --watch", "status --check"],
  flush: ["flush", "flush --timeout=600"],
  doctor: ["doctor", "doctor --salvage --stop"],
  "dead-letter list": ["dead-letter list", "dead-letter list --tracker=mlf -o json"],
  "dead-letter show": ["dead-letter show 3"],
  "dead-letter retry": ["dead-letter retry 3 4", "dead-letter retry --all"],
  "dead-letter drop": ["dead-letter drop 3", "dead-letter drop --run=0a1b2c3d"],
  "runs list": [
    "runs list",
    "runs list --status=FAILED --started=gte:2026-01-31",
    "runs list --filter \"metrics.loss < 0.3 and params.lr = '0.1'\"",
    'runs list --order-by "metrics.loss ASC" --limit 5',
  ],
  "runs show": ["runs show 0a1b2c3d", "runs show 0a1b2c3d --curve loss", "runs show 0a1b2c3d -o json"],
  "runs tail": ["runs tail", "runs tail 0a1b2c3d"],
  run: ["run -- python train.py", "run -e mlf --experiment-name=mnist -- ./train.sh"],
  log: ["log loss=0.3 acc=0.9 --step=4", "log --stdin < metrics.jsonl"],
  param: ["param lr=0.1 batch_size=64"],
  tag: ["tag kind=baseline"],
  artifact: ["artifact model.bin --path=models"],
  ...Object.fromEntries(OF_COMPONENTS),
  "relay serve": [
    "relay serve --listen=[::1]:7443 --database=postgresql://db/mlflow",
    "relay serve --listen=[::1]:7443 --upstream=https://ml.org --access=a",
  ],
  "relay token": ["relay token vision-nodes --token-file=tokens"],
  "experiment-tracker test": ["experiment-tracker test mlf"],
  "experiment-tracker start-anew": ["experiment-tracker start-anew mlf"],
  "experiment-tracker deploy": [
    "experiment-tracker deploy mlf",
    "experiment-tracker deploy mlf -x mlflow_bucket=gs://my_bucket --provider=gcp",
  ],
  "experiment-tracker deploy status": [
    "experiment-tracker deploy status",
    "experiment-tracker deploy status mlf -o json",
  ],
  "experiment-tracker deploy stop": ["experiment-tracker deploy stop mlf"],
  "experiment-tracker deploy destroy": ["experiment-tracker deploy destroy mlf"],
  "stack register": ["stack register team -e mlf -a files --set"],
  "stack update": ["stack update team -e mlf"],
  "stack remove-component": ["stack remove-component team -e mlf"],
  "stack set-default": ["stack set-default team -e mlf"],
  "stack rename": ["stack rename team vision"],
  "stack copy": ["stack copy team team-two"],
  "stack list": ["stack list", "stack list --active=true -o json"],
  "stack describe": ["stack describe team"],
  "stack get": ["stack get"],
  "stack set": ["stack set team"],
  "stack delete": ["stack delete team --yes"],
  "stack validate": ["stack validate team"],
  "stack register-secrets": ["stack register-secrets team"],
  "stack export": ["stack export team team.yaml"],
  "stack import": ["stack import team -f team.yaml"],
  "secret create": ["secret create mlf -i", "secret create mlf --values=@mlf.json"],
  "secret update": ["secret update mlf -i"],
  "secret rename": ["secret rename mlf mlf-old --rewrite-references"],
  "secret delete": ["secret delete mlf"],
  "secret list": ["secret list"],
  "secret get": ["secret get mlf"],
  "secret where-used": ["secret where-used mlf"],
  "secret unlock": ["secret unlock"],
  "secret backend get": ["secret backend get"],
  "secret backend set": ["secret backend set vault --passphrase"],
  "integration install": ["integration install mlflow -y", "integration install postgresql -y"],
  "integration list": ["integration list"],
  "integration uninstall": ["integration uninstall mlflow"],
  env: ['eval "$(stepwell env)"', "env -e mlf"],
  ui: ["ui", "ui --no-open", "ui --mlflow -e mlf"],
  version: ["version"],
  completion: ['eval "$(stepwell completion bash)"'],
};

/** Puts its examples below the help of each command. */
export function addExamples(program: Command, words: readonly string[] = []): void {
  for (const command of program.commands) {
    const path = [...words, command.name()];
    addExamples(command, path);
    const lines = examplesOf(path.join(" "));
    if (lines.length > 0) command.addHelpText("after", () => `\nExamples:\n${lines.join("\n")}`);
  }
}

/** The lines of a command's examples, as they are typed. */
export function examplesOf(command: string): string[] {
  const lines = EXAMPLES[command] ?? [];
  return lines.map((line) => (line.startsWith("eval ") ? `  ${line}` : `  stepwell ${line}`));
}
