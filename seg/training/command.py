"""The command line of ``train.py``: options in, trained weights out."""

import json
import shlex
from contextlib import ExitStack, contextmanager
from pathlib import Path

from seg.command_line import check_backend, once_stopped, run_command
from seg.data.locks import locked
from seg.errors import UserError
from seg.networks import TITLES, chosen_pair
from seg.training.options import parse_options


def main(arguments=None, make_report=None) -> int:
    """Runs ``train.py``; returns its exit status.

    Args:
        make_report: measures and compares the trained networks, called as `seg.report.write.write_report` is. That
            stands above this room, so that it is handed in; without it there is no report.
    """
    return run_command("train.py", lambda: _run(parse_options(arguments), make_report))


def _run(options, make_report):
    """Fits, evaluates and saves the networks that the options name; then come report and push."""
    if options.push_only:
        from seg.training.publishing import push

        push(options)
        return
    check_backend()
    from seg.networks.contract import check_contract
    from seg.training.distribution import is_first_process, join_processes
    from seg.training.fit import check_resumable
    from seg.training.places import check_places
    from seg.training.publishing import prepare_push
    from seg.training.recipe import recipe_of
    from seg.training.start import Start

    output, work_dir = Path(options.output), Path(options.work_dir)
    suffix = f"-first{options.limit}" if options.limit else ""
    checkpoints = {name: work_dir / "checkpoints" / f"{name}{suffix}.safetensors" for name in options.networks}
    starts = {name: Start(options.start_weights, name) for name in options.networks} if options.start_weights else {}
    recipes = {name: recipe_of(options, name, starts.get(name)) for name in options.networks}

    join_processes()
    # Whatever would stop the run is found before it costs anybody a night.
    _refuse_to_replace_full_run(options, output)
    for name, recipe in recipes.items():
        check_resumable(recipe, checkpoints[name], options.resume)
    with ExitStack() as held:
        held.enter_context(once_stopped("go on from the last finished epoch with the same command and --resume"))
        if is_first_process():  # the one that writes
            check_places(output, work_dir, recipes, checkpoints)
            for name, recipe in recipes.items():
                check_contract(name, recipe.arguments, recipe.image_size)
            for name, path in checkpoints.items():
                held.enter_context(locked(path, f"trains {TITLES[name]}"))
            if options.push_to and options.limit is None:
                prepare_push(options)
        _train(options, recipes, starts, checkpoints)
    if is_first_process():
        _report_and_push(options, output, make_report)


def _train(options, recipes, starts, checkpoints):
    from seg.data.dataset import load_pets
    from seg.networks.weights import save_network_folder
    from seg.training.distribution import first_process_first, is_first_process, wait_for_all
    from seg.training.fit import check_resumable, fit_network
    from seg.training.scoring import score

    with first_process_first("photos decoded"):
        pets = load_pets(Path(options.work_dir) / "cache", options.image_size, options.data_dir, options.limit)
    data = pets.description["sha256"]
    for name, recipe in recipes.items():
        check_resumable(recipe, checkpoints[name], options.resume, data)

    results = {}
    for name, recipe in recipes.items():
        if options.resume and not checkpoints[name].exists():
            print(f"There is no unfinished run of {TITLES[name]} in {options.work_dir}: it starts anew.", flush=True)
        print(f"Training {TITLES[name]} on {len(pets.train)} photos, {recipe.precision}.", flush=True)
        start = starts.get(name)
        if start and (told := start.differences(recipe)):
            print(told, flush=True)
        wait_for_all(f"checkpoint of {name} read")
        fitted = fit_network(
            recipe, pets.train, pets.validation, checkpoints[name], start.tensors if start else None, data
        )
        if not is_first_process():
            continue
        if start and fitted.best_epoch == 0:
            print(f"No epoch of {TITLES[name]} beat its start, which is kept.", flush=True)
        print(f"Scoring {TITLES[name]} on {len(pets.test)} test photos.", flush=True)
        with _training_kept():
            results[name] = score(recipe, fitted, pets, start)
    wait_for_all("trained")
    for name, (config, tensors, files) in results.items():
        folder = Path(options.output) / name
        with _training_kept():
            save_network_folder(folder, config, tensors, files)
        metrics = json.loads(files["metrics.json"])
        print(
            f"{TITLES[name]}: test pixel accuracy {metrics['pixel_accuracy']:.4f}, mean IoU {metrics['mean_iou']:.4f},"
            f" in {folder}"
        )
    if is_first_process():
        for path in checkpoints.values():
            path.unlink(missing_ok=True)


@contextmanager
def _training_kept():
    """What fails behind the last epoch costs none of them."""
    try:
        yield
    except UserError as error:
        raise UserError(
            f"{error} What was trained is kept: the same command with --resume goes on from there, also with another"
            " --output."
        ) from error


def _report_and_push(options, output, make_report):
    from seg.hub.target import push_command
    from seg.training.publishing import push

    if make_report is not None and not options.no_report:
        _report(options, output, make_report)
    if options.limit is not None:
        print("This was a smoke run; such weights are never pushed to the Hub.")
    elif options.push_to:
        push(options)
    else:
        print(f"To publish them on the Hugging Face Hub: {push_command(output)}")


def _report(options, output, make_report):
    """The report belongs to the weights: what is pushed, or shown by the app, comes with its own."""
    missing = [TITLES[name] for name in chosen_pair() if not (output / name).is_dir()]
    if missing:
        print(f"There is no report: it compares both networks, and {output} holds no {missing[0]}.")
        return
    print("Measuring both for the report (--no-report leaves it out).", flush=True)
    words = ["--weights", output, "--work-dir", options.work_dir]
    words += ["--data-dir", options.data_dir] if options.data_dir else []
    words += ["--limit", options.limit] if options.limit else []
    makes_it = f"python -m seg.report {shlex.join(map(str, words))} makes it"
    makes_it += " and train.py --push-only pushes both" if options.push_to else ""
    try:
        with once_stopped(f"the weights are safe in {output}, but have no report: {makes_it}"):
            make_report(output, options.work_dir, options.data_dir, options.limit)
    except UserError as error:
        raise UserError(
            f"The weights are safe in {output}, but their report could not be made: {error} {makes_it}."
        ) from error


def _refuse_to_replace_full_run(options, output):
    from seg.networks.weights import CONFIG

    for name in options.networks if options.limit else ():
        try:
            training = json.loads((output / name / CONFIG).read_text(encoding="utf-8"))["training"]
        except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
            continue  # nothing, or nothing whole
        if not isinstance(training, dict) or training.get("limit") is None:
            raise UserError(
                f"{output / name} holds a full run, which a run with --limit does not replace; choose another --output."
            )
