"""A small world with real habits: business systems, a registration base, three platforms; one seed, one world."""
