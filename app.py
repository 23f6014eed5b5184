"""Shows what FCN-8 and U-Net see in the same pet photo.

    python app.py                           runs the trained weights in weights/
    WEIGHTS_REPO=USER/REPO python app.py    runs those of a Hugging Face Hub repository

WEIGHTS_REVISION chooses the branch, tag or commit, by default main. Gradio's own
variables, such as GRADIO_SERVER_NAME and GRADIO_SERVER_PORT, are honoured.
COMPARISONS_AT_ONCE (2) and MAX_WAITING (100) say how many comparisons run and wait;
NETWORKS=fcn8,unet names the two networks that are compared;
FLIP_AVERAGING=1 averages each photo with its mirror image, for twice the work.
"""

import os
from pathlib import Path

# NumPy's matrix products here are small; on more threads they wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from seg.command_line import check_backend, run_command, wait_for_stop
from seg.errors import UserError

WEIGHTS = Path(__file__).parent / "weights"


def main() -> int:
    """Runs the app; returns its exit status."""
    return run_command("app.py", serve, until_stopped=True)


def serve() -> None:
    from seg.ui.server.own_folder import own_folder

    with own_folder() as folder:
        # Every Gradio app of a machine would put its uploads into one folder, and serve all that is in it.
        os.environ["GRADIO_TEMP_DIR"] = str(folder / "uploads")
        serve_from_here()


def serve_from_here() -> None:
    # The settings first: wrong ones need not wait for TensorFlow.
    from seg.networks import chosen_pair
    from seg.ui.server import settings

    chosen_pair()
    settings.check_numbers()
    server_name = settings.server_name()
    port = settings.whole_number("GRADIO_SERVER_PORT", 7860)
    flip_averaging = settings.switch("FLIP_AVERAGING")
    if ":" in server_name:
        del os.environ["GRADIO_SERVER_NAME"]  # Gradio looks for a free port at an address of IPv4
    settings.keep_gradio_off_proxies()
    from seg.ui.server.quick_start import garbage_left, leave_out_what_is_not_needed

    leave_out_what_is_not_needed()
    with garbage_left():
        check_backend()
        from seg.hub.target import MAIN, from_environment
        from seg.ui.page import build_page, launch
        from seg.ui.server.memory import give_back_large_blocks
        from seg.ui.server.serving import Service
        from seg.ui.server.stopping import finish

    give_back_large_blocks()
    service = Service(WEIGHTS, flip_averaging)
    for problem in service.networks.problems.values():
        print(problem, flush=True)
    if repo := from_environment("WEIGHTS_REPO"):
        service.fetch_from_hub(repo, from_environment("WEIGHTS_REVISION") or MAIN)
    page = build_page(service)
    try:
        free = settings.free_port(server_name.strip("[]"), port) if ":" in server_name else None
        launch(page, server_name=server_name, server_port=free, prevent_thread_lock=True)
    except OSError as error:
        raise UserError(f"The page cannot be served: {error}") from error
    if page.server_port != port:
        print(
            f"Port {port} cannot be had, perhaps because another program uses it:"
            f" the page is at http://{server_name}:{page.server_port}."
        )
    wait_for_stop()
    finish(page)


if __name__ == "__main__":
    raise SystemExit(main())
