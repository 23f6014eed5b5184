"""The exponential moving average of the weights, with statistics of batch normalisation that belong to it."""

import keras

from seg.data.batches import TrainingBatches
from seg.networks import build_network, tensors_of
from seg.training.recipe import Recipe

_MOST_BATCHES = 16


class AveragedWeights(keras.callbacks.SwapEMAWeights):
    """Puts the average into the network while it is validated.

    Keras averages what is trained; the statistics that batch normalisation
    gathers belong to the weights of each step, not to their average, whose
    features have others. So they are measured anew, on training batches and by a
    twin of the network without dropout, before the average is judged, and put
    back when training goes on (Izmailov et al., "Averaging Weights Leads to Wider
    Optima and Better Generalization", UAI 2018, https://arxiv.org/abs/1803.05407,
    section 3.2).

    Make it outside of a distribution: the twin computes on one device, the same
    in each process.

    Args:
        recipe: of the network.
        train: `seg.data.photo_set.PhotoSet`.
    """

    def __init__(self, recipe: Recipe, train):
        super().__init__()
        self._batches = TrainingBatches(train, recipe.batch_size, recipe.augmentation, recipe.seed)
        without_dropout = {"dropout_rate": 0.0} if "dropout_rate" in recipe.arguments else {}
        self._twin = build_network(recipe.network, recipe.arguments | without_dropout)
        self._norms = [layer for layer in self._twin.layers if isinstance(layer, keras.layers.BatchNormalization)]

    def on_test_begin(self, logs=None):
        super().on_test_begin(logs)
        measured = self._measure() if self._norms else {}
        statistics = [variable for variable in self.model.non_trainable_variables if variable.path in measured]
        self._former = [(variable, keras.ops.convert_to_numpy(variable)) for variable in statistics]
        for variable in statistics:
            variable.assign(measured[variable.path])

    def on_test_end(self, logs=None):
        for variable, former in self._former:
            variable.assign(former)
        super().on_test_end(logs)

    def _measure(self):
        """The statistics of batch normalisation, by path, that the average has on training batches."""
        averaged = tensors_of(self.model)
        for weight in self._twin.weights:
            weight.assign(averaged[weight.path])
        for number in range(min(_MOST_BATCHES, len(self._batches))):
            for norm in self._norms:
                norm.momentum = number / (number + 1)  # so that each batch counts alike
            self._twin(self._batches[number][0], training=True)
        variables = [variable for norm in self._norms for variable in norm.non_trainable_variables]
        return {variable.path: keras.ops.convert_to_numpy(variable) for variable in variables}
