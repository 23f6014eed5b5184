"""The tab that compares what the networks see in one photo."""
