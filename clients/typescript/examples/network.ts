/** A small neural network: one hidden layer (tanh), softmax, cross entropy, gradient descent with momentum. */

/** A flower: its measures, scaled, and the number of its class. */
export interface Sample {
  readonly inputs: readonly number[];
  readonly label: number;
}

/** How good a network is on some samples. */
export interface Score {
  readonly loss: number;
  readonly accuracy: number;
}

interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  /** Weights row by row, then the biases. */
  readonly weights: Float64Array;
  readonly gradient: Float64Array;
  readonly velocity: Float64Array;
}

/** A network that learns from batches of samples. */
export class Network {
  readonly #hidden: Layer;
  readonly #output: Layer;

  /** `random` gives numbers from 0 to below 1. */
  constructor(sizes: { inputs: number; hidden: number; classes: number }, random: () => number) {
    this.#hidden = layer(sizes.inputs, sizes.hidden, random);
    this.#output = layer(sizes.hidden, sizes.classes, random);
  }

  /** One step of gradient descent. The score is that before the step; the norm is the gradient's. */
  train(batch: readonly Sample[], learningRate: number): Score & { readonly gradientNorm: number } {
    const layers = [this.#hidden, this.#output];
    for (const { gradient } of layers) gradient.fill(0);
    const score = this.#score(batch, (sample, hidden, probabilities) => {
      const errors = probabilities.map((p, i) => (p - (i === sample.label ? 1 : 0)) / batch.length);
      const back = accumulate(this.#output, hidden, errors);
      const slopes = back.map((error, i) => error * (1 - (hidden[i] as number) ** 2));
      accumulate(this.#hidden, sample.inputs, slopes);
    });
    let squares = 0;
    for (const { weights, gradient, velocity } of layers) {
      for (let i = 0; i < weights.length; i++) {
        const slope = gradient[i] as number;
        squares += slope * slope;
        velocity[i] = 0.9 * (velocity[i] as number) - learningRate * slope;
        weights[i] = (weights[i] as number) + (velocity[i] as number);
      }
    }
    return { ...score, gradientNorm: Math.sqrt(squares) };
  }

  /** The score on samples that it does not learn from. */
  test(samples: readonly Sample[]): Score {
    return this.#score(samples, () => undefined);
  }

  #score(
    samples: readonly Sample[],
    each: (sample: Sample, hidden: number[], probabilities: number[]) => void,
  ): Score {
    let [loss, right] = [0, 0];
    for (const sample of samples) {
      const hidden = forward(this.#hidden, sample.inputs).map(Math.tanh);
      const probabilities = softmax(forward(this.#output, hidden));
      loss -= Math.log(probabilities[sample.label] as number);
      if (probabilities.indexOf(Math.max(...probabilities)) === sample.label) right++;
      each(sample, hidden, probabilities);
    }
    return { loss: loss / samples.length, accuracy: right / samples.length };
  }
}

function layer(inputs: number, outputs: number, random: () => number): Layer {
  const size = (inputs + 1) * outputs;
  const scale = 1 / Math.sqrt(inputs);
  const weights = Float64Array.from({ length: size }, (_, i) => {
    return i < inputs * outputs ? (2 * random() - 1) * scale : 0;
  });
  return { inputs, outputs, weights, gradient: new Float64Array(size), velocity: new Float64Array(size) };
}

function forward({ inputs, outputs, weights }: Layer, values: readonly number[]): number[] {
  return Array.from({ length: outputs }, (_, row) => {
    let sum = weights[inputs * outputs + row] as number;
    for (let i = 0; i < inputs; i++) sum += (weights[row * inputs + i] as number) * (values[i] as number);
    return sum;
  });
}

/** Adds to the layer's gradient and gives the errors of its inputs. */
function accumulate(
  { inputs, outputs, weights, gradient }: Layer,
  values: readonly number[],
  errors: number[],
): number[] {
  const back = new Array<number>(inputs).fill(0);
  errors.forEach((error, row) => {
    for (let i = 0; i < inputs; i++) {
      const at = row * inputs + i;
      gradient[at] = (gradient[at] as number) + error * (values[i] as number);
      back[i] = (back[i] as number) + error * (weights[at] as number);
    }
    gradient[inputs * outputs + row] = (gradient[inputs * outputs + row] as number) + error;
  });
  return back;
}

function softmax(scores: readonly number[]): number[] {
  const highest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - highest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
