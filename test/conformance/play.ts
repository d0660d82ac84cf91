/** Plays a scenario for all languages at once, and says of each language what went wrong, if anything did. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { ROOT } from "../support/home.js";
import { until } from "../support/until.js";
import { type Answer, Driver, type Language } from "./driver.js";
import { lookAt } from "./looks.js";
import { type Player, runName } from "./player.js";
import {
  type Command,
  isAtServer,
  isShared,
  type Scenario,
  type Step,
  type Vector,
  vectorsOf,
} from "./scenario.js";
import { DaemonStage, ServerStage, type Teardown } from "./stage.js";

/** What became of a scenario in a language. */
export type Outcome = { readonly kind: "passed" } | { readonly kind: "failed"; readonly error: unknown };

const remedies = (
  JSON.parse(readFileSync(join(ROOT, "clients/contract/errors.json"), "utf8")) as {
    codes: Record<string, { remedy: string }>;
  }
).codes;

/** Drivers, and where they play: one scenario, or one after the other. */
export class Cast {
  /** The daemon of all languages; without it each has a server. */
  readonly common: DaemonStage | undefined;
  readonly #t: Teardown;
  readonly #scenario: Scenario;
  readonly #players = new Map<string, Promise<Place>>();

  private constructor(t: Teardown, scenario: Scenario, common: DaemonStage | undefined) {
    this.#t = t;
    this.#scenario = scenario;
    this.common = common;
  }

  /** Opens the stage of a scenario; of a shared one, that of the first. */
  static async open(t: Teardown, scenario: Scenario): Promise<Cast> {
    if (isAtServer(scenario.at)) return new Cast(t, scenario, undefined);
    const common = await DaemonStage.open(t);
    if (isShared(scenario.at)) {
      await common.daemon("start");
      await common.useTracker();
    }
    return new Cast(t, scenario, common);
  }

  /** A language's driver, started at the first time, and where it plays. */
  place(language: Language): Promise<Place> {
    const known = this.#players.get(language.name) ?? this.#start(language);
    this.#players.set(language.name, known);
    return known;
  }

  async #start(language: Language): Promise<Place> {
    const stage = this.common ?? (await ServerStage.open(this.#t, this.#scenario.script ?? {}));
    const driver = await Driver.start(language, { ...stage.env, ...this.#scenario.env });
    this.#t.teardown(() => driver.kill());
    return { driver, stage };
  }
}

type Place = Pick<Player, "driver" | "stage">;

/** Plays a scenario; resolves to what became of it in each of the languages. */
export async function play(
  scenario: Scenario,
  languages: readonly Language[],
  cast: Cast,
): Promise<ReadonlyMap<string, Outcome>> {
  const outcomes = new Map<string, Outcome>();
  const failed = (name: string, error: unknown) => outcomes.set(name, { kind: "failed", error });
  const players: Player[] = [];
  const begin = async (language: Language) => {
    const { driver, stage } = await cast.place(language);
    driver.stderr = "";
    if (stage instanceof ServerStage) stage.seeAnew();
    players.push({ driver, stage, scenario });
  };
  await Promise.all(
    languages.map((language) => begin(language).catch((error) => failed(language.name, error))),
  );
  for (const step of scenario.steps) {
    const going = players.filter(({ driver }) => !outcomes.has(driver.language));
    if (going.length === 0) break;
    await (cast.common === undefined ? undefined : act(cast.common, step));
    await Promise.all(
      going.map((player) =>
        take(player, step).catch((error) => failed(player.driver.language, inStep(step, player, error))),
      ),
    );
  }
  for (const { name } of languages) if (!outcomes.has(name)) outcomes.set(name, { kind: "passed" });
  return outcomes;
}

function inStep(step: Step, { driver }: Player, error: unknown): Error {
  const sentence = `${driver.language} at ${JSON.stringify(step).slice(0, 300)}: ${String(error)}`;
  return new Error(`${sentence}\nIt said:\n${driver.stderr.slice(-2_000)}`);
}

/** What is done once, whoever plays. */
async function act(stage: DaemonStage, step: Step): Promise<void> {
  if ("daemon" in step) await stage.daemon(step.daemon, step.env);
  else if ("command" in step) await stage.command(step.command);
  else if ("home" in step) await stage.replaceHome();
  else if ("tracker" in step) await stage.useTracker();
  else if ("store" in step) stage.holdStore(step.store === "held");
  else if ("status" in step) await stage.status(step.status);
}

/** What one language does, or what is looked at for it. */
async function take(player: Player, step: Step): Promise<void> {
  const { driver, stage } = player;
  if ("tell" in step) await tell(player, step);
  else if ("says" in step)
    await until(
      `${step.says} is said`,
      () => driver.stderr,
      (said) => said.includes(step.says),
    );
  else if ("end" in step) {
    const code = await driver.end();
    if (code !== step.end) throw new Error(`it ended with ${code}`);
  } else if ("kill" in step) await driver.kill();
  else if ("server" in step) {
    if (!(stage instanceof ServerStage)) throw new Error("there is no scripted server");
    await stage.does(step.server, step.code, step.grpc);
  } else await lookAt(player, step);
}

async function tell(player: Player, step: Extract<Step, { tell: unknown }>): Promise<void> {
  const vectors = step.vectors === undefined ? [undefined] : vectorsOf(step.vectors);
  for (const [index, vector] of vectors.entries()) {
    const command = filled(step.tell, player, vector, index);
    const answer = await player.driver.tell(command);
    const code = step.code ?? vector?.code;
    const fault = faultOf(answer, code, step, player.driver.language);
    if (fault !== undefined)
      throw new Error(`${vector?.name ?? ""} ${fault}; it answered ${JSON.stringify(answer)}`);
  }
}

function faultOf(
  answer: Answer,
  code: string | undefined,
  { ok, cannot }: Extract<Step, { tell: unknown }>,
  language: string,
): string | undefined {
  if (answer.cannot !== undefined) return cannot?.[language] === undefined ? "it cannot" : undefined;
  if (code === undefined) {
    if (answer.ok === undefined) return "it failed";
    for (const [name, value] of Object.entries(ok ?? {}))
      if (!isDeepStrictEqual(answer.ok[name], value)) return `${name} is not ${JSON.stringify(value)}`;
    return undefined;
  }
  if (answer.error?.code !== code) return `it is not refused with ${code}`;
  // What the daemon or a server tells has a remedy of its own.
  const known = remedies[code]?.remedy;
  return known === undefined || answer.error.remedy === known
    ? undefined
    : "the remedy is not the contract's";
}

/** The command with the vector and this scenario's names in it. */
function filled(command: Command, player: Player, vector: Vector | undefined, index: number): Command {
  const { scenario, driver } = player;
  const fill = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value === "object" && value !== null)
      return Object.fromEntries(
        Object.entries(value).map(([name, each]) => [
          name,
          (name === "run" || name === "inherits") && typeof each === "string"
            ? runName(scenario, each)
            : fill(each),
        ]),
      );
    if (value === "$text") return vector?.utf8 === undefined ? vectorText(vector) : formsOf(vector);
    if (value === "$number") return vector?.number;
    if (value === "$value") return valueText(vector);
    if (value === "$index") return `n${index}`;
    if (typeof value === "string" && value.startsWith("$id "))
      return driver.runIds.get(runName(scenario, value.slice(4)));
    return value;
  };
  return fill(command) as Command;
}

function vectorText(vector: Vector | undefined): unknown {
  const { text, times } = vector ?? {};
  return times === undefined ? text : { text, times };
}

function formsOf({ utf16, utf8 }: Vector): object {
  return { ...(utf16 === undefined ? {} : { utf16 }), ...(utf8 === undefined ? {} : { utf8 }) };
}

function valueText(vector: Vector | undefined): string {
  const value = Buffer.from(vector?.bits ?? "", "hex").readDoubleBE();
  return Object.is(value, -0) ? "-0" : String(value);
}
