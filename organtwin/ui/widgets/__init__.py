"""Small widgets that panels and views are made of."""
