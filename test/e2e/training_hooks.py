"""Trainings that log by Stepwell's hooks: training_hooks.py keras-parts|transformers-parts|keras|transformers|lightning.

The suite runs the two of parts, with the real packages and without a PyTorch or JAX: Keras' list of callbacks and its
evaluation on OpenVINO, and the Trainer's own handler of callbacks. The whole trainings are run by hand, because PyTorch and
JAX are larger than 500 MB: with `keras jax`, with `torch transformers accelerate`, and with `torch lightning` beside the
client's packages, clients/python/src on PYTHONPATH. What they left is in docs/decisions/0016-training-hooks.md.
"""

import os
import sys


def keras_parts():
    os.environ["KERAS_BACKEND"] = "openvino"
    import keras
    import numpy as np

    import stepwell
    from stepwell.integrations.keras import StepwellCallback

    model = keras_model(keras)
    x = np.linspace(0.0, 1.0, 64).reshape(16, 4)
    callback = StepwellCallback(run_name="keras", experiment_name="hooks", log_every_n_steps=2)
    callbacks = keras.callbacks.CallbackList([callback], model=model, epochs=2, steps=4)
    callbacks.on_train_begin()
    assert stepwell.active_run() is not None
    for epoch in range(2):
        callbacks.on_epoch_begin(epoch)
        for batch in range(4):
            callbacks.on_train_batch_begin(batch)
            callbacks.on_train_batch_end(batch, {"loss": 1.0})
        validation = model.evaluate(x, x.sum(1), verbose=0, return_dict=True, callbacks=callbacks)
        callbacks.on_epoch_end(epoch, {"loss": 0.5, **{f"val_{key}": value for key, value in validation.items()}})
    callbacks.on_train_end()
    assert stepwell.active_run() is None
    model.evaluate(x, x.sum(1), verbose=0, callbacks=[callback])


def keras_whole():
    os.environ["KERAS_BACKEND"] = "jax"
    import keras
    import numpy as np

    from stepwell.integrations.keras import StepwellCallback

    x = np.random.rand(64, 4)
    model = keras_model(keras)
    callback = StepwellCallback(run_name="keras", experiment_name="hooks", log_every_n_steps=2)
    model.fit(
        x, x.sum(1), epochs=3, batch_size=16, validation_split=0.25, verbose=0, callbacks=[callback]
    )
    model.evaluate(x, x.sum(1), verbose=0, callbacks=[callback])


def keras_model(keras):
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(8), keras.layers.Dense(1)])
    model.compile("adam", "mse", metrics=["mae"])
    return model


def transformers_parts():
    from transformers import TrainerControl, TrainerState
    from transformers.trainer_callback import CallbackHandler

    import stepwell
    from stepwell.integrations.transformers import StepwellCallback

    class Arguments:
        def to_dict(self):
            return {"learning_rate": 0.1, "long": "x" * 6_001, "nested": {"a": 1}}

    for is_first in (False, True):
        callback = StepwellCallback(run_name="transformers", experiment_name="hooks")
        handler = CallbackHandler([callback], None, None, None, None)
        state, control = TrainerState(is_world_process_zero=is_first), TrainerControl()
        handler.on_train_begin(Arguments(), state, control)
        for step in (1, 2):
            state.global_step = step
            handler.on_log(Arguments(), state, control, {"loss": 1.0 / step, "epoch": step, "note": "text"})
        assert (stepwell.active_run() is not None) == is_first
        handler.on_train_end(Arguments(), state, control)
        assert stepwell.active_run() is None


def transformers_whole():
    import torch
    from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

    from stepwell.integrations.transformers import StepwellCallback

    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    model = BertForSequenceClassification(BertConfig(vocab_size=50, **sizes))
    data = [{"input_ids": torch.randint(0, 50, (8,)), "labels": number % 2} for number in range(32)]
    arguments = TrainingArguments(
        "trained", report_to="none", num_train_epochs=2, logging_steps=2, save_strategy="no"
    )
    callback = StepwellCallback(run_name="transformers", experiment_name="hooks")
    Trainer(model, arguments, train_dataset=data, callbacks=[callback]).train()


def lightning_whole():
    import lightning
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    import stepwell
    from stepwell.integrations.lightning import StepwellLogger

    class Model(lightning.LightningModule):
        def __init__(self, lr=0.1):
            super().__init__()
            self.save_hyperparameters()
            self.layer = torch.nn.Linear(4, 1)

        def loss(self, batch):
            return ((self.layer(batch[0]) - batch[1]) ** 2).mean()

        def training_step(self, batch, index):
            loss = self.loss(batch)
            self.log("train_loss", loss)
            stepwell.log_metric("mine", float(loss), step=self.global_step)
            return loss

        def validation_step(self, batch, index):
            self.log("val_loss", self.loss(batch))

        def test_step(self, batch, index):
            self.log("test_loss", self.loss(batch))

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=self.hparams.lr)

    x = torch.rand(64, 4)
    data = DataLoader(TensorDataset(x, x.sum(1, keepdim=True)), batch_size=8)
    logger = StepwellLogger("hooks", run_name="lightning")
    ranks = {"strategy": "ddp", "devices": 2} if sys.argv[2:] == ["ddp"] else {}
    trainer = lightning.Trainer(
        max_epochs=3, logger=logger, accelerator="cpu", log_every_n_steps=2, **ranks
    )
    model = Model()
    trainer.fit(model, data, data)
    trainer.test(model, data)


PROGRAMS = {
    "keras-parts": keras_parts,
    "transformers-parts": transformers_parts,
    "keras": keras_whole,
    "transformers": transformers_whole,
    "lightning": lightning_whole,
}

if __name__ == "__main__":
    PROGRAMS[sys.argv[1]]()
