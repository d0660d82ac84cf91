"""Trains a small network on scikit-learn's digits and logs every step of it.

Needs scikit-learn. Prints a line per epoch, and at the end the points that were logged,
those that the daemon has on its disk, and the run's id.
"""

import numpy as np
import stepwell
from sklearn.datasets import load_digits
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

EPOCHS = 30
BATCH = 32
SEED = 7


def main() -> None:
    images, labels = load_digits(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(images / 16.0, labels, random_state=SEED)
    classes = np.unique(labels)
    model = MLPClassifier(hidden_layer_sizes=(64,), learning_rate_init=0.002, random_state=SEED)
    order = np.random.default_rng(SEED)
    step = points = 0
    with stepwell.start_run(experiment_name="digits") as run:
        stepwell.log_params({"epochs": EPOCHS, "batch": BATCH, "hidden": 64, "learning_rate": 0.002})
        stepwell.set_tag("data", "scikit-learn digits")
        for epoch in range(1, EPOCHS + 1):
            rows = order.permutation(len(train_x))
            for begin in range(0, len(rows), BATCH):
                batch = rows[begin : begin + BATCH]
                model.partial_fit(train_x[batch], train_y[batch], classes=classes)
                step += 1
                stepwell.log_metric("train/loss", model.loss_, step=step)
                points += 1
            probabilities = model.predict_proba(test_x)
            accuracy = float((probabilities.argmax(axis=1) == test_y).mean())
            loss = float(log_loss(test_y, probabilities))
            stepwell.log_metrics({"test/loss": loss, "test/accuracy": accuracy}, step=step)
            points += 2
            print(
                f"epoch {epoch}/{EPOCHS}  step {step}  loss {model.loss_:.4f}  accuracy {accuracy:.1%}",
                flush=True,
            )
    stepwell.flush(30)
    stats = stepwell.stats()
    missing = stats.pending + stats.rejected + stats.dropped
    print(f"points_sent: {points}")
    print(f"points_acknowledged: {points - missing}")
    print(f"run_id: {run.run_id}")


if __name__ == "__main__":
    main()
