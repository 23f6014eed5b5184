"""How many pixels keep their class when networks run in the fastest precision instead of float32.

python tests/benchmarks/agreement.py [--data-dir DIR] [--cache DIR] [--photos 400]
"""

import argparse

import numpy as np
from pictures import ROOT


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-dir", help="folder of a prepared dataset, as of train.py")
    parser.add_argument("--cache", default="runs/cache", help="folder of decoded photos (%(default)s)")
    parser.add_argument("--photos", type=int, default=400, help="photos, spread over the test split (%(default)s)")
    options = parser.parse_args()
    from seg.data.dataset import load_pets
    from seg.networks import TITLES
    from seg.networks.compilation import inference_precision
    from seg.networks.forward import forward_pass
    from seg.networks.weights import load_network

    for name, title in TITLES.items():
        network, config = load_network(ROOT / "weights" / name)
        test = load_pets(options.cache, config["image_size"], options.data_dir).test
        chosen = np.linspace(0, len(test) - 1, options.photos).astype(int)
        exact, fast = forward_pass(network, "float32"), forward_pass(network)
        shares, right = [], np.zeros(2)
        for start in range(0, len(chosen), 16):
            photos, masks = test.batch(chosen[start : start + 16])
            maps = [forward(photos).argmax(-1) for forward in (exact, fast)]
            shares += list((maps[0] == maps[1]).mean((1, 2)))
            right += [(classes == masks).sum() for classes in maps]
        accuracies = right / (len(chosen) * masks[0].size)
        print(
            f"{title}, {inference_precision()}: {100 * np.mean(shares):.3f} % of the pixels of {len(shares)} test photos as in float32, "
            f"{100 * min(shares):.2f} % in the worst photo; pixel accuracy {accuracies[1]:.4f}, in float32 {accuracies[0]:.4f}.",
            flush=True,
        )


if __name__ == "__main__":
    main()
