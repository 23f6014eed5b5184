"""The page: photos in, masks and numbers out. Knows no tensors."""
