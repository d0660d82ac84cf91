/**
 * A path that is written otherwise than its route, by escapes, dots or doubled slashes, is its route's to the server, or to
 * a proxy before that: it would go around what the gateway does with the route. No client of MLflow writes one.
 */
import { invalid } from "./requests/request-fault.js";
import { type Match, matchRoute, plainRoute } from "./routes.js";

/** An escape of a character that needs none in a path: A to Z, digits, and `-./\_~`. */
const ESCAPE = /%(?:2[D-F]|3\d|[46][1-9A-F]|[57][0-9A]|5C|5F|7E)/gi;

/** The route of a request. Throws for a path that is not written plainly. */
export function plainMatch(method: string, path: string): Match {
  const own = plainRoute(method, path);
  if (own) return own;
  const match = matchRoute(method, path);
  // Names of artifacts are any text, and are looked at where they are used.
  if (match.route.class === "artifact") return match;
  const plain = plainOf(path);
  if (plain === path || matchRoute(method, plain).route === match.route) return match;
  throw invalid("The path of a request has to be written as MLflow's clients write it.");
}

/** As a server or a proxy may read it. */
function plainOf(path: string): string {
  const decoded = path.replace(ESCAPE, decodeURIComponent).replaceAll(/\/{2,}/g, "/");
  return new URL(`http://x${decoded}`).pathname;
}
