"""What docs/for tells each reader to do, done in a real browser; docs/pictures come from it (`make pictures`)."""
