"""Which weights the app runs: bundled ones at once, the Hub's as soon as they are here."""

import threading

from seg.errors import UserError
from seg.inference.comparison import Networks
from seg.networks import chosen_pair

BUNDLED = "the weights that come with this app"
FLIP_AVERAGED = "Each photo is averaged with its mirror image; scores and calibration were measured without."


class Service:
    """Holds the networks that run now.

    Attributes:
        bundled_folder: holds the weights that come with this app, and their report.
        flip_averaging: as of `seg.inference.segmenter.Segmenter`, for all weights.
        networks: `seg.inference.comparison.Networks`; another object once better ones have been loaded.
        notice: one sentence on where they come from if there is something to say, else None.
    """

    def __init__(self, bundled_folder, flip_averaging: bool = False):
        """Loads the bundled weights and compiles their networks."""
        self.bundled_folder = bundled_folder
        self.flip_averaging = flip_averaging
        self.networks = Networks(bundled_folder, BUNDLED, flip_averaging=flip_averaging)
        self.networks.warm_up()
        self.notice = None
        if flip_averaging:
            print(FLIP_AVERAGED, flush=True)

    def is_complete(self) -> bool:
        """Whether both networks that are compared are there to run."""
        return set(chosen_pair()) <= set(self.networks.segmenters)

    def fetch_from_hub(self, repo: str, revision: str) -> threading.Thread:
        """Starts a thread that replaces the bundled networks by those of a Hub repository, and returns it.

        The bundled ones run until the others have arrived, and stay where a network cannot be had; `notice` says why.

        Args:
            repo: ``USER/REPO``.
            revision: branch, tag or commit.
        """
        self.notice = f"Fetching {repo} from the Hugging Face Hub. {self._what_runs()}"
        thread = threading.Thread(target=self._fetch, args=(repo, revision), name="fetch", daemon=True)
        thread.start()
        return thread

    def _what_runs(self):
        return (
            f"Meanwhile this page runs {BUNDLED}." if self.networks.segmenters else "There are no other weights to run."
        )

    def _fetch(self, repo, revision):
        from seg.hub.pull import pull_weights  # here: not needed without a repository

        try:
            pulled = pull_weights(repo, revision)
            origin = f"{repo}, commit {pulled.commit[:7]}"
            fetched = Networks(pulled.folder, origin, pulled.networks, self.flip_averaging)
            fetched.problems |= pulled.problems
            if not fetched.segmenters:
                raise UserError(" ".join(fetched.problems.values()))
            fetched.warm_up()
            fetched.fall_back_on(self.networks)
            self.networks = fetched
            self.notice = " ".join(filter(None, (pulled.token_problem, pulled.cache_reason))) or None
        except UserError as error:
            self.notice = f"WEIGHTS_REPO is {repo!r}, WEIGHTS_REVISION {revision!r}: {error} {self._what_runs()}"
        except Exception as error:  # the app must not lose its networks to a surprise
            self.notice = f"The weights of {repo} could not be loaded ({type(error).__name__}). {self._what_runs()}"
        for sentence in (self.notice, *self.networks.problems.values()):
            if sentence:
                print(sentence, flush=True)
        print("Running " + "; ".join(sorted(set(self.networks.origins.values()))) + ".", flush=True)
