/** What is wrong: what the daemon says by itself, and what the doctor finds in every file of the home. */
import { useState } from "preact/hooks";
import type { Status } from "../../gen/stepwell/v1/daemon.js";
import { asFault, askDoctor, type CallFault, type DoctorCheck } from "../api/rpc.js";
import { Fault } from "../parts/fault.js";
import { troublesOf } from "./troubles.js";

export function Doctor({ status }: { readonly status: Status | undefined }) {
  const [checks, setChecks] = useState<readonly DoctorCheck[]>();
  const [isLooking, setIsLooking] = useState(false);
  const [fault, setFault] = useState<CallFault>();
  const troubles = status ? troublesOf(status) : [];
  const look = () => {
    setIsLooking(true);
    setFault(undefined);
    askDoctor()
      .then(setChecks)
      .catch((error: unknown) => setFault(asFault(error)))
      .finally(() => setIsLooking(false));
  };
  return (
    <>
      {status && troubles.length === 0 && (
        <p class="empty">Nothing is wrong, as far as the daemon sees by itself.</p>
      )}
      <ul class="troubles">
        {troubles.map((trouble) => (
          <li key={trouble}>{trouble}</li>
        ))}
      </ul>
      <p>
        <button type="button" disabled={isLooking} onClick={look}>
          {isLooking ? "Looking…" : "Look at every file and server"}
        </button>
      </p>
      <Fault fault={fault} />
      {checks && (
        <div class="table short">
          <table>
            <tbody>
              {checks.map(({ check, result, finding, remedy }) => (
                <tr key={check + finding}>
                  <th scope="row">{check}</th>
                  <td>
                    <em class={result === "ok" ? "status finished" : "status failed"}>{result}</em>
                  </td>
                  <td class="why">
                    {finding} {remedy !== "" && <strong>{remedy}</strong>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
