/** The Python that the figures of our own client need: what it needs, and numpy. */
const { PYTHON_CLIENT, pythonEnvironment } = await import("../../build/test/support/python-environment.js");

export async function benchPython() {
  const requirements = [...PYTHON_CLIENT.requirements, "numpy"];
  return await pythonEnvironment({ ...PYTHON_CLIENT, name: "bench", requirements });
}
