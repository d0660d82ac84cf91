/** A cluster on one machine, to try the manifests in. */
import type { Platform } from "./platform.js";

export function k3dFile({ namespace }: Platform): string {
  return `# A cluster of k3s in containers: k3d cluster create --config k3d.yaml
apiVersion: k3d.io/v1alpha5
kind: Simple
metadata:
  name: ${namespace}
servers: 1
agents: 2
ports:
  - { port: "127.0.0.1:8080:80", nodeFilters: [loadbalancer] }
  - { port: "127.0.0.1:8443:443", nodeFilters: [loadbalancer] }
`;
}
