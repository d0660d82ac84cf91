"""The stepwell command and its daemon, as the wheel brings them."""
