/** Random changes of secrets, each for a daemon and for the books that it is held against. */
import { backendNamed } from "../../src/cli/output/secret-words.js";
import type { Random } from "./random.js";
import type { StateStep } from "./state-steps.js";

/** Ways to change secrets that fit those that there are, most of the time. */
export function secretSteps(names: readonly string[], random: Random): readonly (() => StateStep)[] {
  const some = () => (names.length > 0 ? random.pick(names) : "none");
  const fresh = () => `s${random.between(1, 15)}`;
  const value = () => `value ${random.between(1, 1_000_000)}`;
  return [
    () => create(fresh(), value()),
    () => create(fresh(), value()),
    () => update(some(), value()),
    () => rename(some(), fresh(), { rewrite: random.chance(0.7), force: random.chance(0.2) }),
    () => remove(some(), random.chance(0.3)),
    // It takes long, so that most kills would strike it.
    () => (random.chance(0.2) ? setBackend(random.pick(["keychain", "vault"])) : create(fresh(), value())),
  ];
}

function create(name: string, token: string): StateStep {
  const values = { token };
  return {
    title: `create secret ${name}`,
    inDaemon: ({ secrets, call }) => call(secrets.createSecret.bind(secrets), { name, values }),
    inBooks: ({ secrets }) => secrets.create(name, values),
  };
}

function update(name: string, value: string): StateStep {
  const values = { token: value, more: value };
  return {
    title: `update secret ${name}`,
    inDaemon: ({ secrets, call }) =>
      call(secrets.updateSecret.bind(secrets), { secret: name, values, removedKeys: [] }),
    inBooks: ({ secrets }) => secrets.update(name, values, []),
  };
}

/** Several keys change where references follow: the secret, and each component that refers to it. */
function rename(name: string, newName: string, how: { rewrite: boolean; force: boolean }): StateStep {
  const { rewrite: rewriteReferences, force } = how;
  return {
    title: `rename secret ${name} to ${newName}${rewriteReferences ? ", with its references" : ""}`,
    inDaemon: ({ secrets, call }) =>
      call(secrets.renameSecret.bind(secrets), { secret: name, newName, rewriteReferences, force }),
    inBooks: ({ secrets }) => secrets.rename(name, newName, how),
  };
}

function remove(name: string, force: boolean): StateStep {
  return {
    title: `delete secret ${name}`,
    inDaemon: ({ secrets, call }) => call(secrets.deleteSecret.bind(secrets), { secret: name, force }),
    inBooks: ({ secrets }) => secrets.delete(name, force),
  };
}

/** All secrets move, and where new ones go. */
function setBackend(backend: "keychain" | "vault"): StateStep {
  return {
    title: `move secrets to the ${backend}`,
    inDaemon: ({ secrets, call }) =>
      call(secrets.setSecretBackend.bind(secrets), { backend: backendNamed(backend) }),
    inBooks: ({ secrets }) => secrets.moveTo(backend),
  };
}
