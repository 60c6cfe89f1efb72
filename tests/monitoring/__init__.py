"""Rules, alerts, runbooks and dashboards: checked as text, by promtool, and against the running county."""
