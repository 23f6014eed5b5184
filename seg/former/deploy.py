"""Formerly here; now `seg.hub.deploy`."""

from seg.hub.deploy import main

if __name__ == "__main__":
    raise SystemExit(main())
