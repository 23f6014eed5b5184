"""Batch normalisation that TensorFlow runs as one operation while training."""

import keras


@keras.saving.register_keras_serializable("seg")
class FusedBatchNormalization(keras.layers.BatchNormalization):
    """Keras's batch normalisation over the last axis of (n, h, w, c), with TensorFlow's fused kernel in training.

    Keras computes statistics and scaling as a dozen operations on float32 copies
    of the features, a third of U-Net's training step on a CPU; one fused
    operation reads bfloat16 and keeps its sums in float32. Everywhere else, and in
    inference, this is Keras's own layer. The fused variance that enters the moving
    average has Bessel's correction, a factor of n h w / (n h w - 1).
    """

    def call(self, inputs, training=None, mask=None):
        if not (training and self.trainable and keras.backend.backend() == "tensorflow"):
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf

        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            inputs,
            tf.cast(self.gamma, "float32"),
            tf.cast(self.beta, "float32"),
            epsilon=self.epsilon,
            is_training=True,
        )
        for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + batch * (1.0 - self.momentum))
        return outputs
