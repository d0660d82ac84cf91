import { failedCheck, faultCheck, type HomeCheck, okCheck, warnCheck } from "../../model/home-check.js";
import { TEST_ANSWER_MS_MAX } from "../../model/limits.js";
import type { RelayBackend } from "../../model/target.js";
import { VERSION } from "../../model/version.js";
import type { Driver, DriverParts } from "../driver.js";
import { relayAddress } from "./address.js";
import { readFault } from "./outcome-message.js";
import { probeRelay } from "./probe.js";
import { accessOf, type RelayAccess } from "./relay-access.js";
import { openRelaySink } from "./relay-sink.js";

/** A relay, reached with the settings of the moment. Nobody but a daemon has what it is reached with. */
export function relayDriver(backend: RelayBackend): Driver {
  const address = relayAddress(backend.uri);
  const access = async ({ settings }: DriverParts): Promise<RelayAccess> =>
    accessOf(address, await settings(backend));
  return {
    open: (parts) => {
      const { clock, random, log } = parts;
      const memory = parts.memory(backend);
      return openRelaySink({
        ...{ address, clock, random, log, memory },
        access: () => access(parts),
        runIds: parts.runIds(backend),
      });
    },
    check: (parts) => check(backend, () => access(parts)),
    look: undefined,
    server: undefined,
  };
}

/** What stands between runs and the backend behind a relay, what matters first. Never rejects. */
async function check(backend: RelayBackend, access: () => Promise<RelayAccess>): Promise<HomeCheck[]> {
  const checks: HomeCheck[] = [];
  let looksAt = "credentials";
  try {
    const address = relayAddress(backend.uri);
    const at = await access();
    checks.push(
      okCheck("credentials", at.token === "" ? "None are needed here." : "They are at hand (bearer)."),
    );
    looksAt = "server";
    const { relayVersion, place, backend: behind, fault } = await probeRelay(address, at, TEST_ANSWER_MS_MAX);
    checks.push(okCheck("server", `${address.text} answers.`));
    checks.push(versionCheck(relayVersion));
    if (fault) {
      const { code, reason } = readFault(fault);
      checks.push(failedCheck("database", `${place}: ${reason} (${code})`, "See the relay's log."));
      return checks;
    }
    const kept = behind?.keepsCursors === true ? "It keeps how far each run is." : "It is a server.";
    checks.push(okCheck("database", `${place} answers the relay. ${kept}`));
  } catch (error) {
    checks.push(faultCheck(looksAt, "failed", error));
  }
  return checks;
}

/** Relays serve daemons of one minor version older and newer. */
function versionCheck(version: string): HomeCheck {
  const [[major, minor = 0] = [], [ourMajor, ourMinor = 0] = []] = [version, VERSION].map((each) =>
    each.split(".").map(Number),
  );
  if (major === ourMajor && Math.abs(minor - ourMinor) <= 1)
    return okCheck("version", `Stepwell ${version}.`);
  const finding = `The relay is Stepwell ${version}, and this daemon ${VERSION}: they may not understand each other.`;
  return warnCheck("version", finding, "Bring the older one to a version beside the other.");
}
