"""What the checks of one family see, how that is judged, and what they may ask for: one module a family."""
