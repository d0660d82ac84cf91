/** How the daemon is: what waits, on which lanes and why, dead letters, and what is wrong. */
import { useCallback, useEffect, useState } from "preact/hooks";
import type { Lane, Status } from "../../gen/stepwell/v1/daemon.js";
import type { DeadLetter } from "../../gen/stepwell/v1/dead_letters.js";
import {
  dropDeadLetters,
  getInfo,
  listDeadLetters,
  listLanes,
  retryDeadLetters,
  watchStatus,
} from "../api/methods.js";
import { asFault, type CallFault, type Connection, call, listen, readAll } from "../api/rpc.js";
import { curvesOf } from "../curves/curves-view.js";
import { Fault } from "../parts/fault.js";
import { countText, laneWord, lengthText, timeText } from "../parts/words.js";
import { hashOf } from "../route/route.js";
import { Doctor } from "./doctor.js";

const LANES_MAX = 500;
const LETTERS_MAX = 200;
const STATUS_MS = 1_000;
const LANES_MS = 3_000;
const LETTERS_MS = 3_000;

export function DaemonView({ stands }: { readonly stands: (connection: Connection) => void }) {
  const [status, setStatus] = useState<Status>();
  const [lanes, setLanes] = useState<readonly Lane[]>([]);
  const [about, setAbout] = useState("");
  const [fault, setFault] = useState<CallFault>();
  useEffect(() => {
    const ending = new AbortController();
    const tell = (error: unknown) => {
      if (!ending.signal.aborted) setFault(asFault(error));
    };
    const lanesNow = async () => {
      const found: Lane[] = [];
      await readAll(listLanes, { runId: "" }, ({ lanes: some }) => void found.push(...some), ending.signal);
      setLanes(
        found.sort((one, other) => other.state - one.state || Number(other.queuedPoints - one.queuedPoints)),
      );
      setFault(undefined);
    };
    call(getInfo, {}, ending.signal)
      .then(({ version, pid, home, startedMs }) =>
        setAbout(`Stepwell ${version}, pid ${pid}, since ${timeText(startedMs)}, ${home}`),
      )
      .catch(tell);
    lanesNow().catch(tell);
    const timer = setInterval(() => void lanesNow().catch(tell), LANES_MS);
    void listen(
      watchStatus,
      () => ({ intervalMs: STATUS_MS }),
      (answer) => setStatus(answer.status),
      stands,
      ending.signal,
    );
    return () => {
      clearInterval(timer);
      ending.abort();
    };
  }, []);
  return (
    <main class="daemon">
      <Fault fault={fault} />
      <p class="about">{about}</p>
      {status && <Numbers status={status} />}
      <h2>Doctor</h2>
      <Doctor status={status} />
      <h2>Lanes</h2>
      {lanes.length === 0 ? (
        <p class="empty">Everything is delivered.</p>
      ) : (
        <LaneTable lanes={lanes.slice(0, LANES_MAX)} />
      )}
      {lanes.length > LANES_MAX && (
        <p class="note">{countText(lanes.length - LANES_MAX)} more: stepwell lanes</p>
      )}
      <h2>Dead letters</h2>
      <DeadLetters count={status?.deadLetters ?? 0n} />
    </main>
  );
}

function Numbers({ status }: { readonly status: Status }) {
  const numbers: readonly (readonly [string, string])[] = [
    ["Points taken", countText(status.journaledPoints)],
    ["Delivered", countText(status.deliveredPoints)],
    ["Waiting", countText(status.queuedPoints)],
    ["Oldest", status.queuedPoints === 0n ? "–" : lengthText(status.oldestAgeSeconds * 1_000)],
    ["Artifacts waiting", countText(status.waitingArtifacts)],
    ["Refused entries", countText(status.rejectedEntries)],
    ["Dead letters", countText(status.deadLetters)],
    ["Clients", countText(status.producersConnected)],
    ["Journal", `${(Number(status.journalBytes) / 1e6).toFixed(1)} MB`],
  ];
  return (
    <dl class="numbers">
      {numbers.map(([word, value]) => (
        <div key={word}>
          <dt>{word}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function LaneTable({ lanes }: { readonly lanes: readonly Lane[] }) {
  return (
    <div class="table short">
      <table>
        <thead>
          <tr>
            <th scope="col">Run</th>
            <th scope="col">Tracker</th>
            <th scope="col">State</th>
            <th scope="col">Waiting</th>
            <th scope="col">Delivered</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {lanes.map((lane) => (
            <tr key={`${lane.runId} ${lane.tracker}`}>
              <td>
                <a href={hashOf(curvesOf([lane.runId]))}>{lane.runId.slice(0, 8)}</a>
              </td>
              <td>{lane.tracker}</td>
              <td>{laneWord(lane.state)}</td>
              <td class="number">{countText(lane.queuedPoints)}</td>
              <td class="number">{countText(lane.deliveredPoints)}</td>
              <td class="why">{lane.lastError}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function DeadLetters({ count }: { readonly count: bigint }) {
  const [letters, setLetters] = useState<readonly DeadLetter[]>([]);
  const [hasMore, setHasMore] = useState(false);
  const [chosen, setChosen] = useState<ReadonlySet<bigint>>(new Set());
  const [said, setSaid] = useState("");
  const [fault, setFault] = useState<CallFault>();
  const list = useCallback(async () => {
    const answer = await call(listDeadLetters, {
      runId: "",
      tracker: "",
      afterNumber: 0n,
      limit: LETTERS_MAX,
    });
    setLetters(answer.letters);
    setHasMore(answer.hasMore);
    setChosen(
      (before) => new Set(answer.letters.map(({ number }) => number).filter((number) => before.has(number))),
    );
  }, []);
  const does = (work: () => Promise<string>) => () => {
    setFault(undefined);
    work()
      .then(setSaid)
      .then(list)
      .catch((error: unknown) => setFault(asFault(error)));
  };
  useEffect(() => {
    const listNow = () => void list().catch(() => undefined);
    listNow();
    // One that is sent again and refused again leaves the count as it was.
    const timer = setInterval(listNow, LETTERS_MS);
    return () => clearInterval(timer);
  }, [count, list]);
  const selection = { numbers: [...chosen], all: false, runId: "", tracker: "" };
  const retry = does(async () => {
    const { retriedEntries, keptLetters } = await call(retryDeadLetters, { selection });
    return `${countText(retriedEntries)} entries are sent again${keptLetters > 0n ? `, ${countText(keptLetters)} letters stay` : ""}.`;
  });
  const drop = () => {
    if (!confirm(`Drop ${chosen.size} dead letters? What they hold is gone then.`)) return;
    does(
      async () =>
        `${countText((await call(dropDeadLetters, { selection })).droppedEntries)} entries are dropped.`,
    )();
  };
  if (letters.length === 0) return <p class="empty">There are none. {said}</p>;
  const choose = (number: bigint) => {
    const next = new Set(chosen);
    if (!next.delete(number)) next.add(number);
    setChosen(next);
  };
  const isAll = chosen.size === letters.length;
  return (
    <>
      <Fault fault={fault} />
      <div class="bar">
        <button type="button" disabled={chosen.size === 0} onClick={retry}>
          Retry
        </button>
        <button type="button" disabled={chosen.size === 0} onClick={drop}>
          Drop
        </button>
        <span role="status">{said}</span>
      </div>
      <div class="table short">
        <table>
          <thead>
            <tr>
              <th scope="col">
                <input
                  type="checkbox"
                  aria-label="Choose all"
                  checked={isAll}
                  onChange={() => setChosen(new Set(isAll ? [] : letters.map(({ number }) => number)))}
                />
              </th>
              <th scope="col">Run</th>
              <th scope="col">Tracker</th>
              <th scope="col">Entries</th>
              <th scope="col">When</th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {letters.map((letter) => (
              <tr key={String(letter.number)}>
                <td>
                  <input
                    type="checkbox"
                    aria-label={`Choose letter ${letter.number}`}
                    checked={chosen.has(letter.number)}
                    onChange={() => choose(letter.number)}
                  />
                </td>
                <td>
                  <a href={hashOf(curvesOf([letter.runId]))}>{letter.runId.slice(0, 8)}</a>
                </td>
                <td>{letter.tracker}</td>
                <td class="number">{countText(letter.entries)}</td>
                <td>{timeText(letter.parkedMs)}</td>
                <td class="why">
                  {letter.reason} <code>{letter.code}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {hasMore && <p class="note">There are more: stepwell dead-letter list</p>}
    </>
  );
}
