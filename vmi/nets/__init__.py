"""Latent codes, networks and what they make: posteriors, likelihoods, codes."""
