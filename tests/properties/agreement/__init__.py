"""Small programs of everything there is, and the modes in which each must give the same."""
