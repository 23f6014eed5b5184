"""What ``train.py`` can be told: its options, their defaults and what they must be."""

import argparse
from pathlib import Path

from seg.command_line import HelpFormatter, add_data_options, check_folder, check_limit, path_argument
from seg.hub.target import from_environment
from seg.networks import DEFAULT_PAIR, LARGEST_IMAGE_SIZE, NETWORKS, STRIDE, chosen_pair

_IMAGE_SIZE = 128


def parse_options(arguments=None) -> argparse.Namespace:
    """Reads the command line; exits with status 2 where it makes no sense.

    Raises:
        UserError: a name in the command line or the environment is none.
    """
    # Networks may share one.
    arguments_by_option = {argument.option: argument for each in NETWORKS.values() for argument in each.options}
    parser = argparse.ArgumentParser(
        prog="train.py",
        description="Trains networks on the Oxford-IIIT Pet dataset and scores them on its test split.",
        formatter_class=HelpFormatter,
    )
    parser.add_argument(
        "--networks",
        nargs="+",
        choices=list(NETWORKS),
        help="which to train; unless told otherwise the pair that is compared, " + " and ".join(DEFAULT_PAIR),
    )
    add_data_options(parser, "the cache of decoded photos and for checkpoints")
    for option, default, told in (
        ("--image-size", _IMAGE_SIZE, f"height and width of training photos, pixels; a multiple of {STRIDE}"),
        ("--epochs", 30, "passes over the training photos"),
        ("--batch-size", 16, "photos per step"),
        # What `seg.training.trials` found: the thin outline gains most.
        ("--dice-weight", 1.0, "of the Dice loss beside cross-entropy; 0 for cross-entropy alone"),
        ("--ema-momentum", 0.0, "of the weights' exponential moving average, which is validated and kept; 0 for none"),
        ("--seed", 0, "of initial weights, dropout, shuffling and augmentation"),
    ):
        parser.add_argument(option, type=type(default), default=default, help=told)
    parser.add_argument(
        "--learning-rate",
        type=float,
        help="peak; by default " + ", ".join(f"{each.learning_rate} for {each.title}" for each in NETWORKS.values()),
    )
    parser.add_argument(
        "--encoder-weights",
        type=path_argument,
        default="imagenet",
        metavar="imagenet|none|FILE",
        help="start of a VGG-16 encoder: downloaded, random, or an .npz file with any of its layers",
    )
    parser.add_argument(
        "--start-weights",
        type=path_argument,
        metavar="DIR",
        help="folder with trained networks of the same widths, to train on with a schedule of --epochs more",
    )
    for option, argument in arguments_by_option.items():
        kind = {"type": type(argument.default)} if argument.is_number else {"choices": argument.limits}
        default = None if argument.at_size else argument.default
        parser.add_argument(option, default=default, help=argument.help, **kind)
    parser.add_argument(
        "--precision",
        choices=("auto", "float32", "mixed_bfloat16"),
        default="auto",
        help="auto: bfloat16 where the processor is fast with it",
    )
    parser.add_argument(
        "--output", type=path_argument, help="folder for the results (default: weights, or runs/firstN with --limit N)"
    )
    parser.add_argument("--limit", type=int, metavar="N", help="smoke run: only the first N photos of each split")
    parser.add_argument(
        "--push-to",
        metavar="USER/REPO",
        help="the Hugging Face Hub's repository for the trained weights; by default the environment's WEIGHTS_REPO",
    )
    parser.add_argument("--revision", default="main", help="branch of that repository, created where it does not exist")
    for option, told in (
        ("--private", "create that repository as a private one"),
        ("--push-only", "push what is in --output, without training"),
        ("--resume", "go on from the last finished epoch; a network without an unfinished run starts anew"),
        ("--no-report", "do not compare the networks after training; python -m seg.report does it later"),
    ):
        parser.add_argument(option, action="store_true", help=told)
    options = parser.parse_args(arguments)
    options.networks = [name for name in NETWORKS if name in (options.networks or chosen_pair())]
    encoder, size, rate = options.encoder_weights, options.image_size, options.learning_rate
    for wrong, told in (
        (options.epochs < 1, "--epochs must be at least 1."),
        (options.batch_size < 1, "--batch-size must be at least 1."),
        (
            not STRIDE <= size <= LARGEST_IMAGE_SIZE or size % STRIDE,
            f"--image-size must be a multiple of {STRIDE} up to {LARGEST_IMAGE_SIZE}, such as {_IMAGE_SIZE}.",
        ),
        (rate is not None and not 0 < rate < 1, "--learning-rate must be between 0 and 1."),
        (not 0 <= options.dice_weight < float("inf"), "--dice-weight must be a number of 0 or more."),
        (not 0 <= options.ema_momentum < 1, "--ema-momentum must be at least 0 and less than 1, such as 0.99."),
        (not 0 <= options.seed < 2**32, "--seed must be a whole number of 0 to 4294967295."),
        (
            encoder not in ("imagenet", "none") and not Path(encoder).is_file(),
            f"--encoder-weights: there is no file {encoder}; give imagenet, none or an .npz file.",
        ),
    ):
        if wrong:
            parser.error(told)
    check_limit(parser, options.limit)
    check_folder(parser, "--start-weights", options.start_weights)
    for option, argument in arguments_by_option.items():
        if getattr(options, argument.attribute) is None:
            setattr(options, argument.attribute, argument.at_size(size))
        elif not argument.allows(getattr(options, argument.attribute)):
            parser.error(f"{option} must be {argument.limits[0]} to {argument.limits[1]}.")
    for name in options.networks:
        if problem := NETWORKS[name].problem(arguments_of(options, name), size):
            parser.error(f"{problem}.")
    source = "--push-to"
    if options.push_to is None:
        options.push_to, source = from_environment("WEIGHTS_REPO"), "WEIGHTS_REPO in the environment"
    elif options.limit is not None and not options.push_only:
        parser.error("--limit makes a smoke run, which is never published; leave out --push-to.")
    if options.push_to is not None:
        from seg.hub.client import check_repo_name

        check_repo_name(options.push_to, source)
    elif options.push_only or options.private or options.revision != "main":
        parser.error(
            "--push-only, --private and --revision need --push-to USER/REPO, or WEIGHTS_REPO in the environment."
        )
    if options.output is None:
        options.output = "weights" if options.limit is None else str(Path(options.work_dir) / f"first{options.limit}")
    return options


def arguments_of(options, name: str) -> dict:
    """The arguments of a network's builder that the command line asks for: all numbers, and what is not as usual."""
    network = NETWORKS[name]
    given = {argument.name: getattr(options, argument.attribute) for argument in network.options}
    usual = {argument.name: argument.default for argument in network.arguments if not argument.is_number}
    return network.defaults | {key: value for key, value in given.items() if value != usual.get(key)}
