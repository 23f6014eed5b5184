"""Which photos are held out."""

import hashlib

from seg.data.validation import validation_indices

NAMES = [f"{breed}_{number}.jpg" for breed in ("Abyssinian", "boxer", "pug") for number in range(1, 101)]


def chosen(names):
    return {names[i] for i in validation_indices(names)}


def test_order_does_not_matter():
    assert chosen(NAMES[::-1]) == chosen(NAMES)
    assert validation_indices(NAMES) == sorted(validation_indices(NAMES))


def test_a_photo_is_held_out_whatever_others_there_are():
    """So a run on the first photos does not train on what a full run validates with."""
    whole = chosen(NAMES)
    for limit in (30, 64, 150, 299):
        assert chosen(NAMES[:limit]) == whole & set(NAMES[:limit])


def test_members_of_the_split_that_the_first_weights_were_chosen_by():
    """The last of the 367 by rank, and the first behind them."""
    among = [f"breed_{i}.jpg" for i in range(40)]
    assert "english_cocker_spaniel_139.jpg" in chosen(["english_cocker_spaniel_139.jpg", *among])
    assert "german_shorthaired_161.jpg" not in chosen(["german_shorthaired_161.jpg", *among])


def test_about_a_tenth():
    names = [f"{i}.jpg" for i in range(10_000)]
    assert 1_000 < len(chosen(names)) < 1_200


def test_two_photos_are_one_to_train_on_and_one_to_validate_with():
    def rank(name):
        return hashlib.sha256(f"oxford_iiit_pet/validation/{name}".encode()).digest()

    names = sorted((f"{i}.jpg" for i in range(10_000)), key=rank)
    for pair in (names[:2], names[-2:], [names[0], names[-1]]):
        assert chosen(pair) == {pair[0]}
    assert chosen(names[:5]) == set(names[:4])
