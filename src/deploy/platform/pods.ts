/** What the pods of MLflow and of relays have in common. */

/** Where servers listen in a pod: its network is its own, and what reaches it is said by services. */
export const EVERYWHERE = "0.0.0.0";

/** Who a pod runs as; one with a volume of its own takes it over at its first start alone. */
export function podSecurity(ownsVolume: boolean): string {
  return `      securityContext:
        runAsNonRoot: true
        runAsUser: 1000
        runAsGroup: 1000
        fsGroup: 1000
${ownsVolume ? "        fsGroupChangePolicy: OnRootMismatch\n" : ""}        seccompProfile: { type: RuntimeDefault }
`;
}

/** What a container may: nothing but its own work. */
export function containerSecurity(): string {
  return `          securityContext:
            readOnlyRootFilesystem: true
            allowPrivilegeEscalation: false
            capabilities: { drop: [ALL] }
`;
}

/** A node's maintenance takes one pod at a time. */
export function disruption(app: string): string {
  return `apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: ${app}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: { app: ${app} }
`;
}
