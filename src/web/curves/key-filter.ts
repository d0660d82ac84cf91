/**
 * Which keys a regular expression matches. One that could go back and forth for ever runs in a worker, which is ended when it
 * takes too long: the page goes on.
 */
import { useEffect, useState } from "preact/hooks";
import { type Matched, matched } from "./key-matched.js";

/** Longer than any expression takes that somebody means, and a worker's start on a busy machine. */
const MATCH_MS_MAX = 2_000;
/** Letters, alternatives and ends: each letter of a key is looked at once for each of them. */
const PLAIN = /^[\w\s.:/|^$-]*$/;

interface Asked extends Matched {
  readonly pattern: string;
  readonly of: readonly string[];
}

const TOO_SLOW = "This expression takes too long; all curves are shown.";

export function useMatched(keys: readonly string[], pattern: string): Matched {
  const [answer, setAnswer] = useState<Asked>();
  const isDirect = PLAIN.test(pattern);
  useEffect(() => {
    if (isDirect) return;
    const worker = new Worker("filter.js", { type: "module" });
    const say = (matched: Matched) => {
      clearTimeout(timer);
      worker.terminate();
      setAnswer({ ...matched, pattern, of: keys });
    };
    const timer = setTimeout(() => say({ keys, fault: TOO_SLOW }), MATCH_MS_MAX);
    worker.onmessage = ({ data }: MessageEvent<Matched>) => say(data);
    worker.onerror = () => say({ keys, fault: TOO_SLOW });
    worker.postMessage({ keys, pattern });
    return () => {
      clearTimeout(timer);
      worker.terminate();
    };
  }, [keys, pattern, isDirect]);
  if (isDirect) return matched(keys, pattern);
  if (answer?.pattern === pattern && answer.of === keys) return answer;
  // Until the answer is there what was shown last stays.
  return { keys: answer?.keys ?? [], fault: "" };
}
