"""The electrocardiogram: when each place recovers, and what the leads record of it."""
