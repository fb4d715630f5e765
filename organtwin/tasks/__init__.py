"""Background work without Qt: a job, its progress, and the lanes it runs in."""
