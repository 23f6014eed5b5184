"""The tab that says how it works, and with what."""

import gradio as gr

from seg.networks import DEFAULT_ARGUMENTS
from seg.serving import Service
from seg.ui.drawings import draw_fcn8, draw_unet

STYLE = """
.about-drawing { max-width: 520px; }
.about pre { white-space: pre-wrap; }
"""

_USUAL_SIZE = 128

_FCN8 = """### FCN-8
[Long, Shelhamer, Darrell 2015](https://arxiv.org/abs/1411.4038). A network made to name photos, VGG-16, becomes one that names places: where
the photo has shrunk most, each place gets three scores, one for each class. They are enlarged, and on the way up the scores of two earlier,
sharper layers are **added**. The last step enlarges eight times at once, so borders stay rough."""

_UNET = """### U-Net
[Ronneberger, Fischer, Brox 2015](https://arxiv.org/abs/1505.04597). The way up has as many layers as the way down, and at every size
**all features** of the way down are copied over. The network can use what it saw when the photo was still sharp, so borders get finer."""

_STEPS = """Each pixel of a photo is **pet**, **outline** (the narrow band around the pet that people marked as unsure) or **background**.
The photo is squashed to {size} × {size} pixels, each network gives three scores to each of them, the scores are scaled to the photo's own size,
and every pixel takes the class with the highest score. Both drawings go down on the left, from the photo, and up on the right, to the answer."""

_DATA = """### Data
[Oxford-IIIT Pet](https://www.robots.ox.ac.uk/~vgg/data/pets/): 7,349 photos of 37 breeds of cats and dogs, each with a mask drawn by people.
Half of them trained the networks (a tenth of that half chose the best moment to stop); the other half, 3,669 photos, tested the finished networks.
All photos that this page offers are from the test half. The networks know one pet in the middle of a photo best; several animals, drawings or
odd angles are further from what they have learned.

### Licences
The code is under the MIT licence. Photos and masks of the data: Parkhi, Vedaldi, Zisserman, Jawahar, "Cats and Dogs", CVPR 2012,
[CC BY-SA 4.0](https://creativecommons.org/licenses/by-sa/4.0/); the copyright of each photo stays with its owner. FCN-8 started from weights of
VGG-16, Simonyan and Zisserman, [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/). A photo that you give to this page is deleted from the
server after an hour."""

_REBUILD = """### Build it yourself
In a clone of the project, with Python 3.11 to 3.13:

```
pip install -r requirements.txt
python train.py
python -m seg.report
python app.py
```

The second downloads the data and trains both networks, the third measures the contest, the last is this page.

### Use it from a program
The same comparison is an endpoint, `/compare`: `client.view_api()` of the Python package `gradio_client` describes it. Language models can call it as a tool by the MCP server of this page, at
`/gradio_api/mcp/`."""


def build(service: Service) -> None:
    """Builds the contents of the tab; the drawings show the networks that the service holds now."""
    arguments, size = {name: dict(found) for name, found in DEFAULT_ARGUMENTS.items()}, _USUAL_SIZE
    for name, segmenter in service.networks.segmenters.items():
        arguments[name] |= segmenter.config["arguments"]
        size = segmenter.image_size
    gr.Markdown(_STEPS.format(size=size), elem_id="how-it-works")
    with gr.Row():
        for elem_id, said, drawing in (
            (
                "fcn8-drawing",
                _FCN8,
                draw_fcn8(arguments["fcn8"]["fc_filters"], size, arguments["fcn8"].get("enlarge", 1)),
            ),
            ("unet-drawing", _UNET, draw_unet(arguments["unet"]["base_filters"], size)),
        ):
            with gr.Column(min_width=300):
                gr.Markdown(said)
                gr.HTML(drawing, elem_id=elem_id, elem_classes=["drawing", "about-drawing", "flush"])
    with gr.Row():
        with gr.Column(min_width=300):
            gr.Markdown(_DATA)
        with gr.Column(min_width=300):
            gr.Markdown(_REBUILD, elem_classes="about")
