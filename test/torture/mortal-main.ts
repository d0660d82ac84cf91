/** The program of a daemon of the torture: its kill points, then the daemon's own. It is made one file (support/one-file-daemon). */
import { standInDaemon } from "./kill-points.js";

// What fails ends the process, and its log says why.
void standInDaemon().then(() => import("../../src/daemon/main.js"));
