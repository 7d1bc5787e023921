"""The figure of the course: an order's records as arrows between the services' lanes."""
