"""Trains FCN-8 and U-Net on the Oxford-IIIT Pet dataset.

README.md says how it is called, ``--help`` with which options. Each network's
weights, config, history, curves and test scores go to a folder of its own in
--output, the comparison of both to the folder report beside them. They are
written when the run has finished, not before.
"""

from seg.report.write import write_report
from seg.training.command import main

if __name__ == "__main__":
    raise SystemExit(main(make_report=write_report))
