"""Where everything meets: what is open, what is planned, what is shown, and when. No Qt."""
