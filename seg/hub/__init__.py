"""Weights and Space on the Hugging Face Hub: `pull`, `push`, `deploy`."""
