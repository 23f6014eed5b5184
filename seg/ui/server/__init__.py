"""Between the page and the network: settings, limits, uploads, turns, and the API."""
