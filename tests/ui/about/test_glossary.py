"""Words are explained where they first stand."""

from seg.ui.about.glossary import explained, glossary


def test_every_word_that_a_student_meets_has_one_sentence():
    words = glossary()
    assert {
        "mean IoU", "mean Dice", "outline", "pretrained", "skip connection", "95 % interval", "calibrated", "seed", "silenced",
    } <= set(words)  # fmt: skip
    assert all(sentence.endswith(".") and ". " not in sentence for sentence in words.values())


def test_a_word_is_explained_once_over_all_texts_and_only_in_text():
    first, second = explained(
        '<h2>mean IoU</h2><p title="mean IoU">The Mean IoU and the mean IoU, a seed.</p>',
        "# seed\n`seed` mean IoU, seeds",
    )
    assert first.count('role="tooltip"') == 2 and first.count(glossary()["mean IoU"]) == 1
    assert '<span class="term" tabindex="0">Mean IoU<' in first and first.startswith(
        '<h2>mean IoU</h2><p title="mean IoU">'
    )
    assert second == "# seed\n`seed` mean IoU, seeds"


def test_a_sentence_is_not_explained_itself():
    (content,) = explained("<p>mean IoU</p>")
    assert content.count('class="term"') == 1


def test_markdown_links_stay_links():
    (content,) = explained("[ImageNet](https://image-net.org/ImageNet), ImageNet")
    assert content.startswith("[ImageNet](https://image-net.org/ImageNet), <span")
