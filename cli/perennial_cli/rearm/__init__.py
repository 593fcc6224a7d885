"""A table that was restored to a point in time, made fit to go on: nothing sent twice, every wake armed."""
