/** The Python that the figures of our own client need: it, numpy, and nothing of MLflow. */
const { pythonEnvironment } = await import("../../build/test/support/python-environment.js");

export async function benchPython() {
  return await pythonEnvironment({
    name: "bench",
    requirements: ["grpclib==0.4.9", "protobuf==6.33.6", "numpy"],
    pythons: ["3.12", "3.11", "3.13", "3.10"],
  });
}
