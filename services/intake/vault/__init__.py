"""What keeps people's data apart from everything else: keys, seals, keyed fingerprints and signatures."""
