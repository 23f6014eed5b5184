"""Pet segmentation with FCN-8 and U-Net.

The modules read in one direction: ``dataset`` -> ``augmentation`` -> ``batches``
-> ``networks`` -> ``training`` -> ``weights`` -> ``inference`` -> ``comparison``
-> ``rendering`` -> ``ui``. Tensors end at ``inference``; from there on there are
photos, masks and numbers.
"""
