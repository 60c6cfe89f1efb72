"""What watches Zhida from outside: rules, alerts and dashboards for Prometheus and Grafana."""
