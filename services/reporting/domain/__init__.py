"""What follows from what was told, without any I/O: facts, the picture of a case, dossier, figures, search."""
