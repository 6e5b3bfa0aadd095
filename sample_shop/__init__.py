"""A simulated shop whose truth is known: a clean world, and the source systems that tell of it with planted errors."""
