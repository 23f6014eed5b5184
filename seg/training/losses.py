"""What training minimises."""

import keras

from seg.classes import NUM_CLASSES


class CrossEntropyAndDice(keras.losses.Loss):
    """Cross-entropy of each pixel plus a share of the soft Dice loss of each class.

    Dice loss: Milletari, Navab, Ahmadi, "V-Net", 3DV 2016,
    https://arxiv.org/abs/1606.04797, equation 2, here with plain sums, over all
    pixels of a batch and averaged over the classes, so that the thin outline
    counts as much as the wide background.

    Args:
        dice_weight: factor of the Dice loss; 0 is cross-entropy alone.

    Called with class ids (n, h, w) and logits (n, h, w, classes).
    """

    def __init__(self, dice_weight: float):
        super().__init__()
        self.dice_weight = dice_weight

    def call(self, y_true, y_pred):
        cross_entropy = keras.losses.sparse_categorical_crossentropy(y_true, y_pred, from_logits=True)
        if not self.dice_weight:
            return cross_entropy
        truth = keras.ops.one_hot(keras.ops.cast(y_true, "int32"), NUM_CLASSES)
        dice = keras.losses.dice(truth, keras.ops.softmax(y_pred), axis=(0, 1, 2))
        return cross_entropy + self.dice_weight * keras.ops.mean(dice)
