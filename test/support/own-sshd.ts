/** An SSH server of the test's own, on loopback, for the user who runs the test; as Debian's openssh-server has it. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { scratchFolder } from "./folder.js";
import { freePort } from "./free-port.js";
import { until } from "./until.js";

const SBIN = `${process.env["PATH"] ?? ""}:/usr/sbin:/usr/local/sbin`;
const sshd = pathOf("sshd");
const hasSsh = sshd !== "" && pathOf("ssh") !== "";

/** AVA's serial test where there is SSH. Elsewhere it is skipped, and that is said; with CI=1 it fails. */
export const sshTest = hasSsh || process.env["CI"] === "1" ? test.serial : test.skip;
if (!hasSsh) console.error("No ssh and sshd on the PATH: nothing is tried over SSH.");

/** The server, and what makes `ssh` on a laptop of somebody who has its key. */
export interface OwnSshd {
  readonly port: number;
  /** A folder for the beginning of a PATH: its `ssh` has the key, and knows the server. */
  readonly programs: string;
}

export async function ownSshd(t: ExecutionContext): Promise<OwnSshd> {
  const folder = await scratchFolder(t);
  const at = (name: string) => join(folder, name);
  for (const name of ["host-key", "key"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", at(name)]);
  copyFileSync(at("key.pub"), at("authorized"));
  // As its package's service makes it.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  const port = await freePort();
  const settings = {
    ...{
      Port: port,
      ListenAddress: "127.0.0.1",
      HostKey: at("host-key"),
      AuthorizedKeysFile: at("authorized"),
    },
    ...{
      PidFile: "none",
      UsePAM: "no",
      StrictModes: "no",
      PasswordAuthentication: "no",
      PermitRootLogin: "yes",
    },
  };
  writeFileSync(
    at("sshd"),
    Object.entries(settings)
      .map((pair) => `${pair.join(" ")}\n`)
      .join(""),
  );
  const server = spawn(sshd, ["-D", "-e", "-f", at("sshd")], { stdio: "ignore" });
  t.teardown(() => void server.kill());
  await until(
    "sshd listens",
    () => listensAt(port),
    (is) => is,
  );
  const known = `StrictHostKeyChecking=no\nUserKnownHostsFile=/dev/null\nLogLevel=ERROR\n`;
  writeFileSync(at("ssh-config"), `IdentityFile=${at("key")}\nIdentitiesOnly=yes\n${known}`);
  const programs = at("programs");
  mkdirSync(programs);
  writeFileSync(join(programs, "ssh"), `#!/bin/sh\nexec ${pathOf("ssh")} -F ${at("ssh-config")} "$@"\n`);
  chmodSync(join(programs, "ssh"), 0o755);
  return { port, programs };
}

function pathOf(program: string): string {
  const found = spawnSync("/bin/sh", ["-c", `command -v ${program}`], {
    env: { PATH: SBIN },
    encoding: "utf8",
  });
  return found.stdout?.trim() ?? "";
}

async function listensAt(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
