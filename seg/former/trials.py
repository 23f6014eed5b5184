"""Formerly here; now `seg.training.trials`."""

from seg.training.trials import main

if __name__ == "__main__":
    raise SystemExit(main())
