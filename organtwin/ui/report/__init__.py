"""The report on paper: Qt writes the PDF, on screen or off."""
