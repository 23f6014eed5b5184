"""Pet segmentation with FCN-8 and U-Net.

The modules read in one direction: ``dataset`` -> ``augmentation`` -> ``batches``
-> ``networks`` -> ``training`` -> ``weights`` -> ``inference`` -> ``rendering``
-> ``ui``. Only this package knows tensors; the user interface knows photos,
masks and numbers.
"""
