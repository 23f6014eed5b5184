"""Sample masks: what a network sees in a few photos of a split."""

from seg.evaluation.contest import mean_ious
from seg.evaluation.metrics import confusion_matrix
from seg.images.photo_sheet import SheetRow, draw_sheet
from seg.images.rendering import encoded
from seg.networks.forward import forward_pass

SAMPLES = 6


def draw_samples(network, photos, title: str) -> bytes:
    """Draws photos evenly spread over the split, neither the best nor the worst.

    Args:
        network: returns logits.
        photos: `seg.data.photo_set.PhotoSet`.
        title: of the network.

    Returns:
        A PNG file: photo, true mask and the network's, with its mean IoU.
    """
    count = min(SAMPLES, len(photos))
    indices = [round(i * (len(photos) - 1) / max(1, count - 1)) for i in range(count)]
    images, masks = photos.batch(indices)
    class_maps = forward_pass(network)(images).argmax(-1).astype("uint8")
    rows = []
    for index, image, mask, class_map in zip(indices, images, masks, class_maps):
        score = mean_ious(confusion_matrix(mask, class_map))
        rows.append(SheetRow(photos.file_names[index], image, mask, [(f"IoU {score:.2f}", class_map)]))
    return encoded(draw_sheet([title], rows), "PNG", optimize=True)
