/** MLflow in Kubernetes, and how people reach it. */
import { cloudOf, type Platform } from "./platform.js";
import { containerSecurity, disruption, EVERYWHERE, podSecurity } from "./pods.js";

const MLFLOW_PORT = 5000;

/** Its pods, service and, where several can run, what keeps one of them there. */
export function mlflow(platform: Platform): string {
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

function serviceAccount(name: string): string {
  return `apiVersion: v1
kind: ServiceAccount
metadata:
  name: ${name}
`;
}

/** HTTPS from outside. */
export function ingress({ clusterIssuer }: Platform, hostname: string): string {
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

function indented(text: string, columns: number): string {
  return text.replace(/^(?=.)/gm, " ".repeat(columns));
}
