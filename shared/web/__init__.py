"""The web frame: app factory, sign-in session, access, forms, page parts. No rule about petitions."""
