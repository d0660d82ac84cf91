/** All files of a deployment elsewhere, by their path below its folder. */
import { imageFile } from "./image-file.js";
import { k3dFile } from "./k3d-file.js";
import { kubernetesFiles } from "./kubernetes-files.js";
import type { Platform } from "./platform.js";
import { readmeFile } from "./readme-file.js";
import { tofuFiles } from "./tofu-files.js";

export function platformFiles(platform: Platform): Record<string, string> {
  return {
    "README.md": readmeFile(platform),
    "mlflow.Containerfile": imageFile(platform),
    ...(platform.provider === "k3d" ? { "k3d.yaml": k3dFile(platform) } : {}),
    ...below("tofu", tofuFiles(platform)),
    ...below("kubernetes", kubernetesFiles(platform)),
  };
}

function below(folder: string, files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));
}
