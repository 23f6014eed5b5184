"""Pet segmentation with FCN-8 and U-Net.

The rooms, from the top; each uses only those below it:

    ui          the page
    report      the contest, measured and drawn
    training    photos in, weights out
    hub         weights and Space on the Hugging Face Hub
    inference   a photo in, class maps out
    evaluation  how good, how sure
    data        the dataset
    networks    the networks and their weights
    images      photos, masks and pictures of them

On the ground floor `classes`, `errors`, `progress`, `locks` and `command_line`: what every room speaks.
"""

from pathlib import Path

# `python -m seg.trials` finds what stands in this folder.
__path__.append(str(Path(__file__).parent / "former"))
