"""The window: Qt widgets that show and edit the session."""
