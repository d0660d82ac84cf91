/** Relays in Kubernetes, and how daemons reach them. */
import type { Platform } from "./platform.js";
import { containerSecurity, disruption, EVERYWHERE, podSecurity } from "./pods.js";

export const RELAY_PORT = 7443;

/** The names under which daemons know a relay: no public authority signs those of a cluster, so they are left out beside one of the world. */
export function relayNames({ namespace, relayHostname }: Platform): string[] {
  const inside = [`relay.${namespace}.svc`, `relay.${namespace}.svc.cluster.local`];
  return relayHostname === undefined ? inside : [relayHostname];
}

/** Their pods, the headless service, and what keeps one of them there. */
export function relay({ relayHostname }: Platform): string {
  const reach =
    relayHostname === undefined
      ? "inside of the cluster alone"
      : `outside of the cluster at ${relayHostname}`;
  return `# Relays keep nothing: any number, behind any balancer. Daemons reach them ${reach}.
apiVersion: v1
kind: ServiceAccount
metadata:
  name: relay
automountServiceAccountToken: false
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: relay
spec:
  replicas: 2
  selector:
    matchLabels: { app: relay }
  strategy:
    rollingUpdate: { maxUnavailable: 0, maxSurge: 1 }
  template:
    metadata:
      labels: { app: relay }
    spec:
      serviceAccountName: relay
      # SIGTERM: daemons are sent to another relay, and what is under way is answered.
      terminationGracePeriodSeconds: 60
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector: { matchLabels: { app: relay } }
${podSecurity(false)}      containers:
        - name: relay
          image: stepwell
          args:
            - relay
            - serve
            - --listen=${EVERYWHERE}:${RELAY_PORT}
            - --database=postgresql://$(PGUSER)@$(PGHOST):$(PGPORT)/$(PGDATABASE)?sslmode=require
            - --database-password-file=/run/database/password
            - --artifact-root=mlflow-artifacts:/
            - --token-file=/run/relay/token
            - --tls-cert=/run/tls/tls.crt
            - --tls-key=/run/tls/tls.key
          env:
            - name: PGUSER
              valueFrom: { secretKeyRef: { name: database-app, key: username } }
            - name: PGHOST
              valueFrom: { secretKeyRef: { name: database-app, key: host } }
            - name: PGPORT
              valueFrom: { secretKeyRef: { name: database-app, key: port } }
            - name: PGDATABASE
              valueFrom: { secretKeyRef: { name: database-app, key: dbname } }
            - { name: STEPWELL_HOME, value: /tmp/stepwell }
          ports:
            - { name: relay, containerPort: ${RELAY_PORT} }
          # It takes streams while the database is away, too. Probes of gRPC know no TLS.
          readinessProbe:
            tcpSocket: { port: relay }
            periodSeconds: 5
${containerSecurity()}          resources:
            requests: { cpu: 500m, memory: 256Mi }
            limits: { memory: 512Mi }
          volumeMounts:
            - { name: tmp, mountPath: /tmp }
            - { name: database, mountPath: /run/database, readOnly: true }
            - { name: token, mountPath: /run/relay, readOnly: true }
            - { name: tls, mountPath: /run/tls, readOnly: true }
      volumes:
        - { name: tmp, emptyDir: {} }
        # 0440: for the group of the pod.
        - name: database
          secret:
            secretName: database-app
            defaultMode: 288
            items: [{ key: password, path: password }]
        - { name: token, secret: { secretName: relay-token, defaultMode: 288 } }
        - { name: tls, secret: { secretName: relay-tls, defaultMode: 288 } }
---
# Headless: a daemon's client gets the addresses of all relays, and takes one of them.
apiVersion: v1
kind: Service
metadata:
  name: relay
spec:
  clusterIP: None
  selector: { app: relay }
  ports:
    - { name: relay, port: ${RELAY_PORT}, targetPort: relay }
---
${disruption("relay")}`;
}

/** The way in from outside of the cluster. */
export function relayPublic(hostname: string): string {
  return `# For daemons outside of the cluster: TCP, so that TLS ends at the relay. Point ${hostname} at its address.
apiVersion: v1
kind: Service
metadata:
  name: relay-public
spec:
  type: LoadBalancer
  externalTrafficPolicy: Local
  selector: { app: relay }
  ports:
    - { name: relay, port: ${RELAY_PORT}, targetPort: relay }
`;
}

/** By cert-manager. */
export function certificate(platform: Platform, issuer: string): string {
  return `apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  name: relay
spec:
  secretName: relay-tls
  dnsNames:
${relayNames(platform)
  .map((name) => `    - ${name}\n`)
  .join("")}  issuerRef: { kind: ClusterIssuer, name: ${issuer} }
`;
}
