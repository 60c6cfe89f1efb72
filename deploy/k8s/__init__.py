"""Kubernetes: the manifests, and what of them follows from the code: users with their rights, and an instance's secrets."""
