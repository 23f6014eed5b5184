import keras
import numpy as np
import pytest
from PIL import Image

from seg.networks import NETWORKS, build_network, tensors_of
from seg.networks.batch_norm import FusedBatchNormalization
from seg.networks.bilinear import BilinearUpsampling
from seg.networks.encoder_start import start_encoder, unit_variance
from seg.networks.fcn8 import build_fcn8
from seg.networks.resizing import BilinearResizing
from seg.networks.unet import build_unet
from seg.networks.vgg16 import BLOCKS, CONVOLUTIONS, IMAGENET_MEANS_BGR, ImagenetPreprocessing
from seg.networks.weights import assign_tensors


@pytest.fixture(scope="module")
def fcn8():
    keras.utils.set_random_seed(0)
    return build_fcn8(fc_filters=8)


@pytest.fixture(scope="module")
def photos():
    return np.random.default_rng(0).integers(0, 256, (4, 64, 64, 3), np.uint8)


@pytest.mark.slow
def test_fcn8_has_the_papers_parameters():
    # VGG-16 14,714,688; fc6 7*7*512*4096+4096; fc7 4096*4096+4096; scores
    # 3*(4096+512+256)+9; upsampling 2*4*4*9 + 16*16*9.
    expected = 14_714_688 + 102_764_544 + 16_781_312 + 14_601 + 2_592
    assert build_fcn8(fc_filters=4096).count_params() == expected
    assert 134_200_000 <= expected <= 134_500_000


@pytest.mark.slow
def test_unet_has_the_papers_parameters():
    assert 31_000_000 <= build_unet(base_filters=64).count_params() <= 35_000_000


@pytest.mark.slow
def test_shipped_widths_are_smaller():
    assert build_network("fcn8", NETWORKS["fcn8"].defaults).count_params() < 30_000_000
    assert build_network("unet", NETWORKS["unet"].defaults).count_params() < 8_000_000


@pytest.mark.parametrize(
    "name, arguments",
    [
        ("fcn8", {"fc_filters": 4}),
        pytest.param("fcn8", {"fc_filters": 4, "enlarge": 2.0}, marks=pytest.mark.slow),
        pytest.param("fcn8", {"fc_filters": 4, "skips": False}, marks=pytest.mark.slow),
        ("unet", {"base_filters": 2}),
        pytest.param("unet", {"base_filters": 2, "skips": False}, marks=pytest.mark.slow),
        pytest.param("unet", {"base_filters": 2, "encoder": "vgg16"}, marks=pytest.mark.slow),
        pytest.param("unet", {"base_filters": 2, "encoder": "vgg16", "skips": False}, marks=pytest.mark.slow),
    ],
)
def test_contract(name, arguments, rng):
    network = build_network(name, arguments)
    for height, width in [(32, 32), (64, 96)]:
        logits = network.predict_on_batch(rng.integers(0, 256, (2, height, width, 3), np.uint8))
        assert logits.shape == (2, height, width, 3)
        assert logits.dtype == np.float32
        assert np.isfinite(logits).all()


@pytest.mark.parametrize(
    "name, arguments",
    [pytest.param("fcn8", {"fc_filters": 4}, marks=pytest.mark.slow), ("unet", {"base_filters": 2})],
)
def test_logits_are_float32_under_mixed_precision(name, arguments, rng):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        network = build_network(name, arguments)
    finally:
        keras.config.set_dtype_policy("float32")
    assert network.predict_on_batch(rng.integers(0, 256, (1, 32, 32, 3), np.uint8)).dtype == np.float32


def test_fused_normalisation_trains_as_keras_own_does(rng):
    photos = rng.normal(3, 2, (4, 16, 16, 8)).astype(np.float32)
    truth = rng.normal(0, 1, photos.shape).astype(np.float32)
    outcomes = []
    for layer in (FusedBatchNormalization(momentum=0.9), keras.layers.BatchNormalization(momentum=0.9)):
        network = keras.Sequential([keras.Input(photos.shape[1:]), layer])
        network.compile(keras.optimizers.SGD(0.5), "mean_squared_error", jit_compile=False)
        network.fit(photos, truth, batch_size=2, epochs=3, shuffle=False, verbose=0)
        outcomes.append([*layer.get_weights(), network.predict(photos, verbose=0)])
    for ours, keras_own in zip(*outcomes, strict=True):
        # Bessel's correction: 512 / 511 of the variance.
        np.testing.assert_allclose(ours, keras_own, rtol=3e-3, atol=1e-4)


@pytest.mark.parametrize("factor", [2, 8])
def test_bilinear_upsampling_of_a_ramp_is_a_ramp(factor):
    layer = BilinearUpsampling(2, factor)
    ramp = np.broadcast_to(np.arange(8, dtype=np.float32)[:, None], (8, 8))
    up = np.asarray(layer(np.stack([ramp, 3 - 2 * ramp], -1)[np.newaxis]))[0]
    assert up.shape == (8 * factor, 8 * factor, 2)
    inside = slice(factor, -factor)  # beyond the outermost pixels' centres a ramp goes on as a constant
    # Pixel centres: output pixel i lies at input (i + 0.5) / factor - 0.5.
    expected = (np.arange(8 * factor) + 0.5) / factor - 0.5
    np.testing.assert_allclose(
        up[inside, inside, 0], np.broadcast_to(expected[inside, None], up[inside, inside, 0].shape), atol=1e-5
    )
    np.testing.assert_allclose(up[inside, inside, 1], 3 - 2 * up[inside, inside, 0], atol=1e-5)


@pytest.mark.parametrize("factor", [2, 8])
@pytest.mark.parametrize("height, width", [(1, 1), (4, 5)])
def test_bilinear_upsampling_of_a_constant_is_constant_to_the_corners(factor, height, width):
    layer = BilinearUpsampling(2, factor)
    constant = np.broadcast_to(np.float32([1, -3]), (1, height, width, 2))
    up = np.asarray(layer(constant))
    assert up.shape == tuple(layer.compute_output_shape(constant.shape)) == (1, height * factor, width * factor, 2)
    assert tuple(layer.compute_output_shape((None, None, 4, 2))) == (None, None, 4 * factor, 2)
    np.testing.assert_allclose(up, np.broadcast_to(constant[:, :1, :1], up.shape), atol=1e-6)


def test_bilinear_upsampling_of_unknown_sizes(rng):
    photos = keras.Input((None, None, 2))
    network = keras.Model(photos, BilinearUpsampling(2, 4)(photos))
    assert network.output.shape == (None, None, None, 2)
    for height, width in [(2, 3), (5, 4)]:
        assert network.predict_on_batch(rng.normal(size=(1, height, width, 2))).shape == (1, 4 * height, 4 * width, 2)


def test_fcn8_starts_with_the_prediction_of_stride_32(fcn8):
    assert not np.asarray(fcn8.get_layer("score_pool4").kernel).any()
    assert not np.asarray(fcn8.get_layer("score_pool3").kernel).any()
    assert np.asarray(fcn8.get_layer("score_fc7").kernel).any()


def test_preprocessing_is_bgr_less_the_means():
    out = np.asarray(ImagenetPreprocessing()(np.array([[[[10.0, 20.0, 30.0]]]], np.float32)))
    np.testing.assert_allclose(out.ravel(), np.array([30, 20, 10]) - IMAGENET_MEANS_BGR, rtol=1e-6)


def test_encoder_has_the_layers_of_keras_applications(fcn8):
    reference = keras.applications.VGG16(weights=None, include_top=False)
    for name in CONVOLUTIONS:
        assert fcn8.get_layer(name).kernel.shape == reference.get_layer(name).kernel.shape
        assert fcn8.get_layer(name).bias.shape == reference.get_layer(name).bias.shape


def features(network, layer, photos):
    return keras.Model(network.input, network.get_layer(layer).output).predict_on_batch(photos)


def assert_unit_variance(network, convolutions, photos):
    convolutions = [network.get_layer(name) for name in convolutions]
    inputs = keras.Model(network.input, [layer.input for layer in convolutions]).predict_on_batch(photos)
    for layer, x in zip(convolutions, inputs, strict=True):
        output = np.asarray(keras.ops.conv(x, layer.kernel, padding="same") + layer.bias)
        assert output.std() == pytest.approx(1, rel=2e-3), layer.name


def test_unit_variance_keeps_features_up_to_a_factor(photos):
    keras.utils.set_random_seed(1)
    network = build_fcn8(fc_filters=8)
    rng = np.random.default_rng(2)
    for name in CONVOLUTIONS[:5]:  # biases as pretrained layers have them
        bias = network.get_layer(name).bias
        bias.assign(rng.normal(0, 20, bias.shape))
    before = features(network, "block3_conv1", photos)
    unit_variance(network, photos)
    after = features(network, "block3_conv1", photos)
    factor = after.sum() / before.sum()
    np.testing.assert_allclose(after, before * factor, rtol=1e-3, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("enlarge", [1, 2])
def test_unit_variance_of_every_convolution(photos, enlarge):
    keras.utils.set_random_seed(1)
    network = build_fcn8(fc_filters=8, enlarge=enlarge)
    unit_variance(network, photos)
    assert_unit_variance(network, (*CONVOLUTIONS, "fc6", "fc7"), photos)


@pytest.mark.slow
@pytest.mark.parametrize("skips", [True, False])
def test_unet_with_vgg16_has_its_encoder_and_the_decoder_of_the_plain_one(photos, fcn8, skips):
    plain, network = (build_unet(base_filters=4, skips=skips, encoder=encoder) for encoder in ("plain", "vgg16"))
    kinds = [
        [type(layer) for layer in unet.layers[unet.layers.index(unet.get_layer("bottleneck_conv1")) :]]
        for unet in (plain, network)
    ]
    level = [type(layer) for layer in plain.layers if layer.name.startswith("decoder4")]
    assert kinds[1] == kinds[0][:7] + level + kinds[0][7:], "one level more"
    keras.utils.set_random_seed(1)
    assert start_encoder(network, "none", photos) == []
    for name in CONVOLUTIONS:
        assert network.get_layer(name).kernel.shape == fcn8.get_layer(name).kernel.shape
    assert_unit_variance(network, CONVOLUTIONS, photos)


def test_unet_with_vgg16_joins_what_each_block_gives_before_its_pooling():
    network = build_unet(base_filters=4, encoder="vgg16")
    for level, block in enumerate(BLOCKS, start=1):
        skip, _ = network.get_layer(f"decoder{level}_skip").input
        assert skip is network.get_layer(f"block{level}_conv{len(block)}").output


@pytest.mark.slow
def test_unet_with_vgg16_is_no_larger_than_the_largest_fcn8():
    (width,) = (each for each in NETWORKS["unet"].arguments if each.name == "base_filters")
    arguments = {"base_filters": width.limits[1], "encoder": "vgg16"}
    assert build_network("unet", arguments).count_params() <= 134_300_000


@pytest.mark.slow
def test_encoder_weights_from_a_file(tmp_path, photos, rng):
    keras.utils.set_random_seed(1)
    network = build_fcn8(fc_filters=8)
    kernel, bias = rng.normal(size=(3, 3, 3, 64)).astype("f"), rng.normal(size=64).astype("f")
    np.savez(tmp_path / "some.npz", block1_conv1_kernel=kernel, block1_conv1_bias=bias)
    assert start_encoder(network, str(tmp_path / "some.npz"), photos) == ["block1_conv1"]
    got = np.asarray(network.get_layer("block1_conv1").kernel)
    np.testing.assert_allclose(got * (kernel.std() / got.std()), kernel, rtol=1e-4, atol=1e-5)


def test_resizing_is_bilinear(rng):
    photos = rng.integers(0, 256, (1, 4, 6, 3)).astype(np.float32)
    layer = BilinearResizing(1.5)
    enlarged = np.asarray(layer(photos))
    assert enlarged.shape == layer.compute_output_shape(photos.shape) == (1, 6, 9, 3)
    assert layer.compute_output_shape((None, None, 4, 3)) == (None, None, 6, 3)
    for channel in range(3):
        expected = Image.fromarray(photos[0, ..., channel]).resize((9, 6), Image.Resampling.BILINEAR)
        np.testing.assert_allclose(enlarged[0, ..., channel], np.asarray(expected), atol=1e-3)
    assert BilinearResizing.from_config(layer.get_config()).factor == 1.5


@pytest.mark.slow
def test_enlarged_fcn8_is_fcn8_on_the_enlarged_photo(fcn8, rng):
    """With the same weights: logits of the enlarged photo, scaled back."""
    photos = np.kron(rng.integers(0, 256, (1, 4, 4, 3)), np.ones((1, 16, 16, 1))).astype(np.float32)
    enlarging = build_fcn8(fc_filters=8, enlarge=1.5)
    assign_tensors(enlarging, tensors_of(fcn8), "FCN-8")
    larger = np.asarray(BilinearResizing(1.5)(photos))
    expected = np.asarray(BilinearResizing(1 / 1.5)(fcn8.predict_on_batch(larger)))
    np.testing.assert_allclose(enlarging.predict_on_batch(photos), expected, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name, arguments, lost", [("fcn8", {"fc_filters": 8}, "score_pool3/kernel"), ("unet", {"base_filters": 4}, None)]
)
def test_without_skips_detail_is_lost(name, arguments, lost):
    """Only the deepest features reach the logits."""
    with_skips, without = (build_network(name, arguments | {"skips": skips}) for skips in (True, False))
    assert without.count_params() < with_skips.count_params() or name == "fcn8"
    assert lost is None or (lost in tensors_of(with_skips) and lost not in tensors_of(without))
    joins = (keras.layers.Add, keras.layers.Concatenate)
    assert any(isinstance(layer, joins) for layer in with_skips.layers)
    assert not any(isinstance(layer, joins) for layer in without.layers)
