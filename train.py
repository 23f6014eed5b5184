"""Trains FCN-8 and U-Net on the Oxford-IIIT Pet dataset.

    python train.py                            download the data, train both networks
    python train.py --data-dir DIR             the same with a prepared dataset
    python train.py --limit 64 --epochs 1      a smoke run: does it work here?
    python train.py --resume                   go on after an interruption
    python train.py --start-weights weights    train finished networks on
    python train.py --push-to USER/REPO        train, then publish on the Hugging Face Hub
    python train.py --push-only --push-to ...  publish what is in --output

Each network's weights, config, history, curves and test scores go to a folder of
its own in --output, the comparison of both to the folder report beside them. They
are written when the run has finished, not before.
"""

from seg.report.write import write_report
from seg.training.command import main

if __name__ == "__main__":
    raise SystemExit(main(make_report=write_report))
