"""Mechanism and published language that the services share; it knows no rule about petitions."""
