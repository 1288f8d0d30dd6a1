"""What every way in over HTTP shares: who may come in, how much they may ask, how they are refused."""
