/** The address of the gateway in what `stepwell env` prints. */
export function gatewayAddressIn(printed: string): string {
  return /^export MLFLOW_TRACKING_URI=(\S+)$/m.exec(printed)?.[1] ?? "";
}
