/** Whether this machine has what the Java client needs to be built and read. */
import { spawnSync } from "node:child_process";

export const javaNeeds = "java and javac, 11 or newer, and mvn on the PATH";

/** What Java is told for a program that lives for a second: compiling itself would take most of it. */
export const quickJava = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];

const answers = new Map();

const isThere = (program) => {
  if (!answers.has(program))
    answers.set(program, spawnSync(program, ["--version"], { timeout: 120_000 }).status === 0);
  return answers.get(program);
};

/** Whether there is a JDK with Maven. */
export const hasJava = () => ["java", "javac", "mvn"].every(isThere);
