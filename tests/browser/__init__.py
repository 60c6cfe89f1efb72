"""What people do, in Debian's Chromium."""
