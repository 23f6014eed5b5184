"""How good the networks are, and how sure: scores of class maps, and what was saved of them."""
