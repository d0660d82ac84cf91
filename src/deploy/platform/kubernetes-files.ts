/**
 * The manifests, as kustomize takes them: plain YAML, which kubectl applies without another program, and which a team changes
 * by an overlay of its own instead of by values that somebody thought of before (docs/decisions/0018).
 */
import { cloudOf, type Platform } from "./platform.js";

/** Where servers listen in a pod: its network is its own, and what reaches it is said by services. */
const EVERYWHERE = "0.0.0.0";
const MLFLOW_PORT = 5000;
export const RELAY_PORT = 7443;

/** Files by their path below the folder. */
export function kubernetesFiles(platform: Platform): Record<string, string> {
  const isCloud = cloudOf(platform) !== undefined;
  const resources = {
    ...(isCloud ? {} : { "namespace.yaml": namespace(platform), "database.yaml": database() }),
    ...(platform.bucket ? {} : { "artifacts.yaml": volume() }),
    "mlflow.yaml": mlflow(platform),
    "relay.yaml": relay(platform),
    ...(platform.hostname === undefined ? {} : { "ingress.yaml": ingress(platform, platform.hostname) }),
    ...(platform.relayHostname === undefined
      ? {}
      : { "relay-public.yaml": relayPublic(platform.relayHostname) }),
    ...(platform.clusterIssuer === undefined
      ? {}
      : { "certificate.yaml": certificate(platform, platform.clusterIssuer) }),
  };
  return { "kustomization.yaml": kustomization(platform, Object.keys(resources)), ...resources };
}

/** The names under which daemons know a relay: no public authority signs those of a cluster, so they are left out beside one of the world. */
export function relayNames({ namespace, relayHostname }: Platform): string[] {
  const inside = [`relay.${namespace}.svc`, `relay.${namespace}.svc.cluster.local`];
  return relayHostname === undefined ? inside : [relayHostname];
}

function kustomization(
  { name, namespace, mlflowImage, relayImage }: Platform,
  resources: readonly string[],
): string {
  return `# Made by stepwell experiment-tracker deploy ${name}. It is yours now: change it, or lay an overlay over it.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: ${namespace}
labels:
  - pairs: { app.kubernetes.io/part-of: ${namespace}, app.kubernetes.io/managed-by: kustomize }
images:
${imageEntry("mlflow", mlflowImage)}${imageEntry("stepwell", relayImage)}resources:
${resources.map((file) => `  - ${file}\n`).join("")}`;
}

/** A name, and a tag or a digest. */
function imageEntry(name: string, image: string): string {
  const [, path = image, tag, digest] = /^([^@]+?)(?::([\w.-]+))?(?:@(sha256:[0-9a-f]+))?$/.exec(image) ?? [];
  const version = digest ? `    digest: ${digest}\n` : `    newTag: "${tag ?? "latest"}"\n`;
  return `  - name: ${name}\n    newName: ${path}\n${version}`;
}

function namespace({ namespace: name }: Platform): string {
  return `apiVersion: v1
kind: Namespace
metadata:
  name: ${name}
`;
}

function database(): string {
  return `# PostgreSQL by CloudNativePG (1.24 or newer): three instances, and a commit waits until one other has it.
# The operator makes the secret database-app, which MLflow and the relays read.
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata:
  name: database
spec:
  instances: 3
  # Without it a node that is drained takes the only instance along.
  enablePDB: true
  bootstrap:
    initdb:
      database: mlflow
      owner: mlflow
      encoding: UTF8
      # Keys are compared as bytes: no new version of a collation spoils an index.
      localeCollate: C
      localeCType: C
  postgresql:
    synchronous:
      method: any
      number: 1
    parameters:
      # Points are appended: a checkpoint that comes late writes each page once.
      checkpoint_timeout: 15min
      max_wal_size: 4GB
      shared_buffers: 512MB
  storage:
    size: 50Gi
  walStorage:
    size: 10Gi
  resources:
    requests: { cpu: "1", memory: 2Gi }
    limits: { memory: 2Gi }
  # Add a backup before it is used in earnest: spec.backup, or the operator's plugin for your object store.
`;
}

function volume(): string {
  return `# Artifacts, where no bucket was given. One node at a time mounts it: MLflow has one replica then.
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: artifacts
spec:
  accessModes: [ReadWriteOnce]
  resources:
    requests:
      storage: 50Gi
`;
}

function mlflow(platform: Platform): string {
  const { bucket, namespace, hostname } = platform;
  const hosts = ["mlflow", `mlflow.${namespace}`, `mlflow.${namespace}.svc`, "localhost", "127.0.0.1"];
  const named = [...(hostname === undefined ? [] : [hostname]), ...hosts];
  const allowed = named.flatMap((host) => [host, `${host}:${MLFLOW_PORT}`]).join(",");
  const account = cloudOf(platform) === undefined ? `${serviceAccount("mlflow")}---\n` : "";
  return `${account}# MLflow with its own users, for people and for artifacts; what is logged comes by the relays.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: mlflow
spec:
  replicas: ${bucket ? 2 : 1}
${bucket ? "" : "  strategy: { type: Recreate }\n"}  selector:
    matchLabels: { app: mlflow }
  template:
    metadata:
      labels: { app: mlflow${platform.provider === "azure" ? ', azure.workload.identity/use: "true"' : ""} }
    spec:
      serviceAccountName: mlflow
${podSecurity(!bucket)}      initContainers:
        # Two pods at once may collide: the second is started again, and finds it done.
        - name: migrate
          image: mlflow
          command: [sh, -ec, 'exec mlflow db upgrade "$MLFLOW_BACKEND_STORE_URI"']
          env: &env
            - name: MLFLOW_BACKEND_STORE_URI
              valueFrom: { secretKeyRef: { name: database-app, key: uri } }
            - name: MLFLOW_AUTH_ADMIN_USERNAME
              valueFrom: { secretKeyRef: { name: mlflow-admin, key: username } }
            - name: MLFLOW_AUTH_ADMIN_PASSWORD
              valueFrom: { secretKeyRef: { name: mlflow-admin, key: password } }
            - name: MLFLOW_FLASK_SERVER_SECRET_KEY
              valueFrom: { secretKeyRef: { name: mlflow-admin, key: forms_key } }
            - { name: MLFLOW_AUTH_CONFIG_PATH, value: /run/mlflow/basic_auth.ini }
            - { name: MLFLOW_DISABLE_TELEMETRY, value: "true" }
            - { name: MLFLOW_SERVER_ENABLE_JOB_EXECUTION, value: "false" }
            - { name: HOME, value: /tmp }
${containerSecurity()}          resources: &resources
            requests: { cpu: 250m, memory: 1Gi }
            limits: { memory: 2Gi }
          volumeMounts: &mounts
            - { name: tmp, mountPath: /tmp }
            - { name: run, mountPath: /run/mlflow }
${bucket ? "" : "            - { name: artifacts, mountPath: /artifacts }\n"}      containers:
        - name: mlflow
          image: mlflow
          command: [sh, -ec]
          args:
            - |
${indented(serveScript(bucket?.uri ?? "/artifacts", allowed), 14)}          env: *env
          envFrom:
            # For a bucket that is not reached by the pod's own identity.
            - secretRef: { name: bucket-credentials, optional: true }
          ports:
            - { name: http, containerPort: ${MLFLOW_PORT} }
          startupProbe:
            httpGet: { path: /health, port: http }
            periodSeconds: 5
            failureThreshold: 60
          readinessProbe:
            httpGet: { path: /health, port: http }
            timeoutSeconds: 5
          livenessProbe:
            httpGet: { path: /health, port: http }
            periodSeconds: 30
            timeoutSeconds: 10
            failureThreshold: 5
${containerSecurity()}          resources: *resources
          volumeMounts: *mounts
      volumes:
        - { name: tmp, emptyDir: {} }
        # The database's address with its password is in a file here, in memory.
        - { name: run, emptyDir: { medium: Memory, sizeLimit: 1Mi } }
${bucket ? "" : "        - { name: artifacts, persistentVolumeClaim: { claimName: artifacts } }\n"}---
apiVersion: v1
kind: Service
metadata:
  name: mlflow
spec:
  selector: { app: mlflow }
  ports:
    - { name: http, port: ${MLFLOW_PORT}, targetPort: http }
${bucket ? `---\n${disruption("mlflow")}` : ""}`;
}

/** MLflow reads its users' database from a file alone; it is the runs' database, where it has tables of its own. */
function serveScript(artifacts: string, allowed: string): string {
  return `umask 077
{
  printf '[mlflow]\\ndefault_permission = READ\\nauth_cache_ttl_seconds = 60\\n'
  printf 'authorization_function = mlflow.server.auth:authenticate_request_basic_auth\\n'
  printf 'database_uri = %s\\n' "$(printf %s "$MLFLOW_BACKEND_STORE_URI" | sed s/%/%%/g)"
} >"$MLFLOW_AUTH_CONFIG_PATH"
exec mlflow server --app-name basic-auth --host ${EVERYWHERE} --port ${MLFLOW_PORT} --workers 2 \\
  --artifacts-destination '${artifacts}' --default-artifact-root mlflow-artifacts:/ \\
  --allowed-hosts '${allowed}'
`;
}

function relay({ relayHostname }: Platform): string {
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

function relayPublic(hostname: string): string {
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

function ingress({ clusterIssuer }: Platform, hostname: string): string {
  const annotations =
    clusterIssuer === undefined
      ? ""
      : `  annotations:\n    cert-manager.io/cluster-issuer: ${clusterIssuer}\n`;
  return `# Your ingress class is the default one, unless you name another. The certificate is in the secret mlflow-tls.
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: mlflow
${annotations}spec:
  tls:
    - hosts: [${hostname}]
      secretName: mlflow-tls
  rules:
    - host: ${hostname}
      http:
        paths:
          - path: /
            pathType: Prefix
            backend: { service: { name: mlflow, port: { name: http } } }
`;
}

function certificate(platform: Platform, issuer: string): string {
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

function serviceAccount(name: string): string {
  return `apiVersion: v1
kind: ServiceAccount
metadata:
  name: ${name}
`;
}

function disruption(app: string): string {
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

function podSecurity(ownsVolume: boolean): string {
  return `      securityContext:
        runAsNonRoot: true
        runAsUser: 1000
        runAsGroup: 1000
        fsGroup: 1000
${ownsVolume ? "        fsGroupChangePolicy: OnRootMismatch\n" : ""}        seccompProfile: { type: RuntimeDefault }
`;
}

function containerSecurity(): string {
  return `          securityContext:
            readOnlyRootFilesystem: true
            allowPrivilegeEscalation: false
            capabilities: { drop: [ALL] }
`;
}

function indented(text: string, columns: number): string {
  return text.replace(/^(?=.)/gm, " ".repeat(columns));
}
