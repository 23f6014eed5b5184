"""The comparison for programs: the endpoint ``/compare`` and the MCP tool ``compare``."""

import json
from concurrent.futures import ThreadPoolExecutor

import gradio as gr
from gradio.data_classes import JsonData

from seg.classes import CLASS_NAMES, CLASSES, NUM_CLASSES, numbered
from seg.errors import UserError
from seg.images.rendering import encoded, encoded_mask, overlay_image
from seg.inference.numbers import NUMBERS_SCHEMA, numbers_of
from seg.networks import TITLES, chosen_pair
from seg.ui.example_photos import known_photo, true_class_map
from seg.ui.server.api_documents import UnopenedPhoto, described
from seg.ui.server.serving import Service
from seg.ui.server.turns import IN_TURN, called_in_turn
from seg.ui.server.uploads import kept


class _JsonText(JsonData):
    def __str__(self):  # what Gradio's MCP server sends
        return self.model_dump_json(indent=1)


class Numbers(gr.JSON):
    """JSON whose schema the API documents."""

    # Lets the browser use Gradio's JSON component.
    is_template = True

    def postprocess(self, value):
        return _JsonText(value)

    def api_info(self):
        return NUMBERS_SCHEMA


class SkipNames(gr.JSON):
    """Names of skip connections, a list of text; what else was sent is for the handler to refuse."""

    # Lets the browser use Gradio's JSON component.
    is_template = True

    is_optional = True

    example = ""

    def api_info(self):
        said = f"skip connections to silence, such as {self.example}; none unless told"
        return {"type": "array", "items": {"type": "string"}, "description": said, "additional_description": said}

    def example_payload(self):
        return []

    def example_value(self):
        return []


class ResultImage(gr.Image):
    """An image whose content the API documents; its value is a file of it."""

    # Lets the browser use Gradio's image component.
    is_template = True

    description = ""

    def api_info(self):
        return described(
            super().api_info(),
            path="path on this server",
            url="where it can be downloaded for an hour",
            description=self.description,
            additional_description=self.description,
        )


def _result_image(label, file_format, description):
    image = ResultImage(label=label, format=file_format, type="pil", visible=False)
    image.description = description
    return image


# What API clients and language models read as the docstring of `compare`; assigned by name, since python -OO leaves
# docstrings out. The description of an argument is one line, which a backslash goes on with.
_COMPARE = """Segments a photo of a cat or dog with two neural networks, {first} and {second}, and compares what \
they see.
Each network gives every pixel one of {count} classes: {classes}. The outline is the narrow border around the pet.

Use it to measure how much of a photo is pet, to get a mask of the pet, or to see how far two networks agree about it.

Args:
    image: The photo, best with one cat or dog in it, as a data: URL in base64 (up to 12 MB) or as the address of a \
file that was uploaded to this server; links to other servers are not opened. JPEG, PNG, WebP, HEIC, AVIF, GIF, BMP \
or TIFF, up to 128 megapixels.
    without: Names of skip connections to silence in the trained networks, such as {example}, to see how much they \
rely on them; an unknown name is answered with those there are. Leave it out to compare the whole networks.

Returns:
    numbers as JSON (the share of the pixels, 0 to 1, on which both networks agree, and by class; for each network \
the share of each class, how sure it is, the seconds it took, and scores against the truth where that is known)
    the mask of {first} and that of {second} (indexed PNG of the photo's own size whose pixel values are {values})
    the overlay of {first} and that of {second} (the photo tinted {tints})
"""


def register(service: Service) -> None:
    """Adds the endpoint to the page that is being built: in its components, which are not shown, clients read types."""
    mask = f"indexed PNG of the photo's own size; pixel values are class ids: {numbered()}"
    overlay = "JPEG, the photo tinted with the class colours, at most 1,600 pixels on the long side"
    pair = {name: TITLES[name] for name in chosen_pair()}
    image = UnopenedPhoto(label="Photo", visible=False)
    skip_names = SkipNames(label="Without", visible=False)
    skip_names.example = json.dumps([next(iter(service.networks.skips), "NETWORK.SKIP")])
    masks = {name: _result_image(f"{title} mask", "png", mask) for name, title in pair.items()}
    overlays = {name: _result_image(f"{title} overlay", "jpeg", overlay) for name, title in pair.items()}
    results = [Numbers(label="Numbers", visible=False), *masks.values(), *overlays.values()]
    painters = ThreadPoolExecutor(len(pair), "painter")

    def results_of(open_photo, without):
        if not (isinstance(without, list) and all(isinstance(name, str) for name in without)):
            raise UserError(f"Skip connections are named by a list of text, such as {skip_names.example}.")
        photo = open_photo()
        if photo is None:
            raise UserError("No photo was sent; give one as image.")
        if isinstance(photo, UserError):
            raise photo
        comparison = service.networks.compare(photo, without=without)
        seen = comparison.segmentations

        def draw(name):
            class_map = seen[name].class_map
            overlay = encoded(overlay_image(photo.image, class_map), "JPEG", quality=85)
            return kept(encoded_mask(class_map), "image.png", masks[name]), kept(overlay, "image.jpeg", overlays[name])

        # Here, not in the components: those encode one image after the other, and nobody else is answered meanwhile.
        drawing = painters.map(draw, seen)
        numbers = numbers_of(comparison, true_class_map(known_photo(photo, service.bundled_folder)))
        drawn = dict(zip(seen, drawing))
        mask_files, overlay_files = zip(*(drawn.get(name, (None, None)) for name in pair))
        return [numbers, *mask_files, *overlay_files]

    async def compare(image, without=None):
        return await called_in_turn(results_of, image, without or [])

    compare.__doc__ = _COMPARE.format(
        **dict(zip(("first", "second"), pair.values())),
        example=skip_names.example,
        count=NUM_CLASSES,
        classes=", ".join(CLASS_NAMES),
        values=numbered(),
        tints=", ".join(f"{each.colour_name} for {each.name}" for each in CLASSES),
    )
    # A component that nobody sees never changes, so that only programs start this. Not through Gradio's
    # queue: from there its MCP server (6.31) sends all results of a tool as one text, images too.
    image.change(compare, [image, skip_names], results, api_name="compare", queue=False, **IN_TURN)
