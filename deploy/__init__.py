"""What Zhida runs on: containers, Kubernetes, and one developer's machine."""
